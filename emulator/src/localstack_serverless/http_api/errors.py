"""Errors with which an HTTP API itself answers a request.

Response types are those that API Gateway documents:
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from ..faults.injection import SimulatedError


class HttpApiError(Exception):
    """The API answers itself, with a status and AWS's message."""

    def __init__(
        self, status: int, message: str, response_type: str, integration: str = ""
    ) -> None:
        """:param integration: what is wrong with the integration; for the access log only"""
        super().__init__(message)
        self.status = status
        self.response_type = response_type
        self.integration = integration


def not_found() -> HttpApiError:
    return HttpApiError(404, "Not Found", "RESOURCE_NOT_FOUND")


def throttled() -> HttpApiError:
    return HttpApiError(429, "Too Many Requests", "THROTTLED")


def body_too_large() -> HttpApiError:
    return HttpApiError(413, "Request Entity Too Large", "REQUEST_TOO_LARGE")


def headers_too_large() -> HttpApiError:
    return HttpApiError(431, "Request Header Fields Too Large", "REQUEST_TOO_LARGE")


def simulated(error: SimulatedError) -> HttpApiError:
    return HttpApiError(error.status_code, str(error), error.code)


def integration_failed(reason: str) -> HttpApiError:
    return HttpApiError(500, "Internal Server Error", "INTEGRATION_FAILURE", reason)


def integration_timed_out(seconds: float) -> HttpApiError:
    reason = f"The integration did not respond within {seconds:g} s."
    return HttpApiError(503, "Service Unavailable", "INTEGRATION_TIMEOUT", reason)
