"""A request to an HTTP API, its response, and what is known of them on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from moto.apigatewayv2.models import Api, Stage

from .errors import HttpApiError


@dataclass(frozen=True)
class ApiRequest:
    """A request whose API, stage and route are found.

    :ivar stage: empty if there is none
    :ivar route_key: empty if no route matches
    :ivar scheme: http or https
    :ivar port: the server's
    """

    api_id: str
    account_id: str
    region: str
    stage: str
    route_key: str
    request_id: str
    method: str
    raw_path: str
    raw_query: str
    headers: list[tuple[str, str]]
    body: bytes
    source_ip: str
    protocol: str
    scheme: str
    port: str
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    received: datetime = field(default_factory=lambda: datetime.now(UTC))

    def header(self, name: str) -> str:
        """The header's values joined by commas; empty if there is none."""
        return ",".join(value for key, value in self.headers if key.lower() == name)


@dataclass(frozen=True)
class ApiResponse:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Exchange:
    """What the steps (steps.py) pass on to each other, and what the access log needs.

    :ivar began: when the request arrived, by time.monotonic()
    :ivar error: why the API itself answered
    :ivar integration_request_id: from the Lambda API; empty if it did not answer
    :ivar function_status: the status that the function returned, even if the client got another
    """

    api: Api
    stage: Stage | None
    request: ApiRequest
    began: float = 0
    error: HttpApiError | None = None
    integration_request_id: str = ""
    integration_seconds: float | None = None
    function_status: int | None = None
