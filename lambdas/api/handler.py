"""The API function's entry point."""

import os
from functools import cache
from typing import TYPE_CHECKING

from botocore.session import get_session

from api.app import Api
from api.publisher import Publisher
from api.request import HttpApiEvent, Request
from api.responses import Response
from api.settings import ApiSettings
from pipeline.aws import Patience, sqs_client
from pipeline.environment import Environment
from pipeline.telemetry import Telemetry

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# At most 11 s a call. A request makes two at most, the function has 25 s, and the HTTP API gives up
# after 30 s.
_PATIENCE = Patience(attempts=2, read_seconds=3)


@cache
def _api() -> Api:
    settings = ApiSettings.from_environment(Environment(os.environ))
    telemetry = Telemetry.from_environment(settings.redaction_regions)
    client = sqs_client(get_session(), _PATIENCE)
    return Api(settings, Publisher.of(client, settings, telemetry), telemetry)


def handler(event: HttpApiEvent, context: "LambdaContext") -> Response:
    return _api().respond(Request.from_event(event, context.aws_request_id))
