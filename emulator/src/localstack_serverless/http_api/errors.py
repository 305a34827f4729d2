"""The responses that the gateway gives itself.

Response types are those of gateway responses:
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from ..chaos.faults import SimulatedError


class GatewayError(Exception):
    """The gateway answers itself, with a status and AWS's message."""

    def __init__(
        self, status: int, message: str, response_type: str, integration: str = ""
    ) -> None:
        """:param integration: what is wrong with the integration, for the access log alone"""
        super().__init__(message)
        self.status = status
        self.response_type = response_type
        self.integration = integration


def not_found() -> GatewayError:
    return GatewayError(404, "Not Found", "RESOURCE_NOT_FOUND")


def throttled() -> GatewayError:
    return GatewayError(429, "Too Many Requests", "THROTTLED")


def body_too_large() -> GatewayError:
    return GatewayError(413, "Request Entity Too Large", "REQUEST_TOO_LARGE")


def headers_too_large() -> GatewayError:
    return GatewayError(431, "Request Header Fields Too Large", "REQUEST_TOO_LARGE")


def simulated(error: SimulatedError) -> GatewayError:
    return GatewayError(error.status_code, str(error), error.code)


def integration_failed(reason: str) -> GatewayError:
    return GatewayError(500, "Internal Server Error", "INTEGRATION_FAILURE", reason)


def integration_timed_out(seconds: float) -> GatewayError:
    reason = f"The integration did not respond within {seconds:g} s."
    return GatewayError(503, "Service Unavailable", "INTEGRATION_TIMEOUT", reason)
