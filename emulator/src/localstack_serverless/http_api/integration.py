"""Lambda proxy integrations: find a route's function, check the permission, and invoke it."""

import json
import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from typing import Any

from localstack.aws.api.lambda_ import InvocationType
from localstack.services.lambda_.invocation.lambda_models import Function, InvocationResult
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.utils.strings import long_uid
from moto.apigatewayv2.models import Api, Integration

from ..faults.injection import pass_call
from ..faults.rules import Call
from ..services import lambda_service
from . import errors, payload
from .exchange import ApiResponse, Exchange
from .permissions import Permissions, source_arn

LOG = logging.getLogger(__name__)

MAX_SECONDS = 30
FUNCTION_ARN = re.compile(
    r"arn:(?P<partition>[^:]+):lambda:(?P<region>[^:]+):(?P<account>\d+):function:"
    r"(?P<name>[^:/]+)(?::(?P<qualifier>[^:/]+))?"
)
# AWS's wording
NO_PERMISSION = (
    "The IAM role configured on the integration or API Gateway doesn't have permissions to call"
    " the integration. Check the permissions and try again."
)


class Integrations:
    def __init__(self) -> None:
        self._permissions = Permissions()
        # for functions that may run longer than the API waits for them
        self._pool = ThreadPoolExecutor(1000, thread_name_prefix="http-api-integration")

    def call(self, exchange: Exchange) -> ApiResponse:
        """Invoke the function of the request's route.

        :raises errors.HttpApiError: the function cannot be invoked, fails, takes too long, or
            returns something that is not a response
        """
        integration = _integration(exchange.api, exchange.request.route_key)
        arn = integration and FUNCTION_ARN.search(integration.integration_uri or "")
        if not integration or not arn:
            raise errors.integration_failed("The route has no integration with a Lambda function.")
        function = lambda_stores[arn["account"]][arn["region"]].functions.get(arn["name"])
        if not function or not self._may_invoke(integration, arn, function, exchange):
            raise errors.integration_failed(NO_PERMISSION)
        result = self._invoke(integration, arn, function, exchange)
        exchange.integration_request_id = result.request_id
        if result.is_error:
            raise errors.integration_failed(
                "The Lambda function returned an error. See the function's log."
            )
        try:
            response = payload.to_response(result.payload)
        except (payload.MalformedResponseError, ValueError) as error:
            LOG.warning("malformed response of %s: %s", arn["name"], error)
            raise errors.integration_failed(
                f"The Lambda function's response is malformed: {error}"
            ) from error
        exchange.function_status = response.status
        return response

    def _may_invoke(
        self, integration: Integration, arn: re.Match[str], function: Function, exchange: Exchange
    ) -> bool:
        # an integration with its own role does not need the function's policy
        if integration.credentials_arn:
            return True
        policy = function.permissions.get(arn["qualifier"] or "$LATEST")
        if not policy:
            return False
        source = source_arn(arn["partition"], exchange.request)
        return self._permissions.allow(arn[0], policy.policy.Statement, source)

    def _invoke(
        self, integration: Integration, arn: re.Match[str], function: Function, exchange: Exchange
    ) -> InvocationResult:
        arguments: dict[str, Any] = {
            "function_name": arn["name"],
            "qualifier": arn["qualifier"],
            "region": arn["region"],
            "account_id": arn["account"],
            "invocation_type": InvocationType.RequestResponse,
            "client_context": None,
            "request_id": long_uid(),
            "payload": json.dumps(payload.to_event(exchange.request)).encode(),
        }
        seconds = min(integration.timeout_in_millis / 1000, MAX_SECONDS)
        call = Call("lambda", "Invoke", arn["region"], arn["name"])
        invoke = partial(pass_call, call, partial(lambda_service().invoke, **arguments))
        began = time.monotonic()
        try:
            if _timeout(function, arn["qualifier"]) <= seconds:
                return invoke()
            return self._pool.submit(invoke).result(seconds)
        except FutureTimeoutError as error:
            raise errors.integration_timed_out(seconds) from error
        except Exception as error:
            LOG.warning("cannot invoke %s: %s", arn["name"], error)
            raise errors.integration_failed(str(error)) from error
        finally:
            exchange.integration_seconds = time.monotonic() - began


def _integration(api: Api, route_key: str) -> Integration | None:
    route = next(
        (route for route in list(api.routes.values()) if route.route_key == route_key), None
    )
    target = (route.target or "") if route else ""
    return api.integrations.get(target.removeprefix("integrations/"))


def _timeout(function: Function, qualifier: str | None) -> int:
    """In seconds; 0 if there is no such version: invoking it fails with the right error."""
    alias = function.aliases.get(qualifier)
    version = function.versions.get(alias.function_version if alias else qualifier or "$LATEST")
    return version.config.timeout if version else 0
