"""The API: its routes, and what it logs and counts for each request."""

from dataclasses import dataclass
from http import HTTPStatus

from api.errors import MethodNotAllowedError, NotFoundError, PublishError
from api.ingest import message_from
from api.publisher import Publisher
from api.request import Request
from api.responses import Response, error_response, json_response
from api.settings import ApiSettings
from pipeline.contract import quoted
from pipeline.telemetry import Detail, Telemetry, reason


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
        message = message_from(request, max_text_chars=self.settings.max_text_chars)
        about = {
            "tenant_id": message.tenant_id,
            "log_id": message.log_id,
            "request_id": message.request_id,
        }
        try:
            message_id = self.publisher.publish(message)
        except PublishError as error:
            self.telemetry.error("publish failed", **about, reason=reason(error.__cause__))
            self.telemetry.emit_metrics("PublishFailed")
            raise
        details = {"message_id": message_id, "source": message.source}
        self.telemetry.info("accepted", **about, **details, characters=len(message.text))
        self.telemetry.emit_metrics("Accepted")
        return json_response(
            HTTPStatus.ACCEPTED,
            {"status": "accepted", "log_id": message.log_id, "request_id": message.request_id},
        )

    def _report(self, error: Exception, status: int, request: Request) -> None:
        details: dict[str, Detail] = {
            "reason": reason(error),
            "status": status,
            "request_id": request.request_id,
        }
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self.telemetry.info("rejected", **details)
            self.telemetry.emit_metrics("Rejected")
        elif not isinstance(error, PublishError):
            self.telemetry.error("unexpected error", **details)
