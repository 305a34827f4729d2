"""The API: its routes, and what it logs and counts for each request."""

from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4

from api.errors import (
    BacklogError,
    IngestError,
    MethodNotAllowedError,
    NotFoundError,
    PublishError,
)
from api.ingest import message_from
from api.publisher import Publisher
from api.request import Request
from api.responses import UNEXPECTED, Response, error_response, json_response
from api.settings import ApiSettings
from pipeline.contract import Message, quoted
from pipeline.errors import PipelineError
from pipeline.telemetry import Details, Telemetry, reason


@dataclass(frozen=True, slots=True)
class Api:
    settings: ApiSettings
    publisher: Publisher
    telemetry: Telemetry

    def respond(self, request: Request) -> Response:
        try:
            return self._route(request)
        except Exception as error:  # noqa: BLE001 - every error is answered in our format
            response = error_response(error, request.request_id)
            self._report(error, response["statusCode"], request)
            return response

    def _route(self, request: Request) -> Response:
        match request.path, request.method:
            case "/ingest", "POST":
                return self._ingest(request)
            case "/health", "GET":
                body = {"status": "ok", "request_id": request.request_id}
                return json_response(HTTPStatus.OK, body)
            case ("/ingest" | "/health") as path, method:
                allowed = "POST" if path == "/ingest" else "GET"
                raise MethodNotAllowedError(f"{path} takes {allowed}, not {method}", allowed)
            case path, _:
                raise NotFoundError(
                    f"No such path: {quoted(path)}; the paths are /ingest and /health"
                )

    def _ingest(self, request: Request) -> Response:
        # Random: where each new sort key is the greatest, as with UUID 7, DynamoDB cannot split a
        # tenant's partition when it gets hot.
        log_id = str(uuid4())
        try:
            message = message_from(
                request, log_id=log_id, max_text_chars=self.settings.max_text_chars
            )
            log_id = message.log_id
            return self._accept(message)
        except PipelineError:
            raise
        except Exception as error:
            raise IngestError(UNEXPECTED, log_id) from error

    def _accept(self, message: Message) -> Response:
        about: Details = {
            "tenant_id": message.tenant_id,
            "log_id": message.log_id,
            "request_id": message.request_id,
        }
        try:
            message_id, lane = self.publisher.publish(message)
        except PublishError as error:
            failure = about | {"reason": reason(error.__cause__)}
            self.telemetry.count("PublishFailed", "publish failed", failure, level="error")
            raise
        about |= {
            "message_id": message_id,
            "lane": lane,
            "source": message.source,
            "characters": len(message.text),
        }
        self.telemetry.count("Accepted", "accepted", about)
        return json_response(
            HTTPStatus.ACCEPTED,
            {"status": "accepted", "log_id": message.log_id, "request_id": message.request_id},
        )

    def _report(self, error: Exception, status: int, request: Request) -> None:
        details: Details = {"status": status, "request_id": request.request_id}
        match error:
            case PublishError():
                pass
            case BacklogError():
                details["reason"] = reason(error)
                self.telemetry.count("Refused", "refused", details, level="warning")
            case _ if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                details["reason"] = reason(error)
                self.telemetry.count("Rejected", "rejected", details)
            case _:
                cause = error.__cause__ if isinstance(error, IngestError) else error
                self.telemetry.error("unexpected error", **details, reason=reason(cause))
