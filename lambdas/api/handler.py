"""The API function's entry point."""

import os
from functools import cache
from typing import TYPE_CHECKING

from botocore.session import get_session

from api.app import Api
from api.request import Event, Request
from api.responses import Response
from pipeline.aws import API, sqs_client
from pipeline.queue import Queue
from pipeline.settings import ApiSettings
from pipeline.telemetry import Telemetry

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@cache
def _api() -> Api:
    settings = ApiSettings.from_environment(os.environ)
    queue = Queue(sqs_client(get_session(), API), settings.queue_url)
    return Api(settings, queue, Telemetry.from_environment())


def handler(event: Event, context: "LambdaContext") -> Response:
    return _api().respond(Request.from_event(event, context.aws_request_id))
