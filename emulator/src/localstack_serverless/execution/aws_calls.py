"""A function's calls of SQS and DynamoDB, without LocalStack's gateway.

The gateway parses and serializes calls in all of AWS's protocols, which takes time. SQS and
DynamoDB, which pipelines call most, need only JSON. So their frequent calls that return at once go
directly to LocalStack's SQS provider and to DynamoDB Local. All other calls, and calls that fail,
go to the gateway.
"""

import json
from functools import lru_cache, partial
from typing import Any
from uuid import uuid4

from localstack import config
from localstack.services.dynamodb.provider import get_table_stream_type
from localstack.utils.aws.request_context import (
    extract_account_id_from_headers,
    extract_region_from_headers,
)

from .. import http1, services
from ..faults.injection import FAULTS
from .dynamodb_local import DYNAMODB_LOCAL

SQS_OPERATIONS = frozenset(
    {
        "SendMessage",
        "SendMessageBatch",
        "DeleteMessage",
        "DeleteMessageBatch",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
    }
)
DYNAMODB_OPERATIONS = frozenset({"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"})


class DirectAwsCalls:
    """Answers a function's calls (see runtime_api.AwsCalls)."""

    gateway = ("127.0.0.1", config.GATEWAY_LISTEN[0].port)

    def answer(self, request: http1.Request) -> bytes | None:
        response = self._answer_directly(request)
        if response is None:
            # the connection ends with the gateway's response, so that later calls come here again
            request.keep_alive = False
        return response

    @staticmethod
    def _answer_directly(request: http1.Request) -> bytes | None:
        direct = _DIRECT.get(request.header("x-amz-target"))
        if direct is None:
            return None
        service, call = direct
        if FAULTS.on_calls and FAULTS.may_meet(service):
            # the gateway applies the faults
            return None
        return call(request)


def _identity(request: http1.Request) -> tuple[str, str]:
    """The account id and the region that the request was signed for."""
    # the rest of the header, which is different in each request, has only the signature
    return _signer(request.header("authorization").partition(", SignedHeaders=")[0])


@lru_cache(maxsize=1024)
def _signer(authorization: str) -> tuple[str, str]:
    headers = {"Authorization": authorization}
    return extract_account_id_from_headers(headers), extract_region_from_headers(headers)


def _call_sqs(operation: str, request: http1.Request) -> bytes | None:
    if b'"BinaryValue"' in request.body:
        return None
    context = services.context("sqs", *_identity(request))
    try:
        result = services.operations("sqs")[operation](context, json.loads(request.body))
    except Exception:  # noqa: BLE001 - the call had no effect; the gateway makes AWS's error of it
        return None
    body = json.dumps(_without_none(result or {})).encode()
    headers = [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("x-amzn-RequestId", str(uuid4())),
    ]
    return http1.encode_response(200, headers, body)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value


def _call_dynamodb(operation: str, request: http1.Request) -> bytes | None:
    account_id, region = _identity(request)
    provider = services.provider("dynamodb")
    try:
        table = json.loads(request.body)["TableName"]
        home = provider.get_global_table_region(
            services.context("dynamodb", account_id, region), table
        )
        if home != region or get_table_stream_type(account_id, region, table):
            return None
        provider.check_provisioned_throughput(operation)
    except Exception:  # noqa: BLE001 - DynamoDB was not called yet; the gateway makes AWS's error of it
        return None
    headers = {
        "Authorization": request.header("authorization"),
        "Content-Type": request.header("content-type"),
        "X-Amz-Date": request.header("x-amz-date"),
        "X-Amz-Target": request.header("x-amz-target"),
    }
    provider.prepare_request_headers(headers, account_id, region)
    return DYNAMODB_LOCAL.post(provider.server, headers, request.body)


# service and call by X-Amz-Target
_DIRECT = {
    **{f"AmazonSQS.{name}": ("sqs", partial(_call_sqs, name)) for name in SQS_OPERATIONS},
    **{
        f"DynamoDB_20120810.{name}": ("dynamodb", partial(_call_dynamodb, name))
        for name in DYNAMODB_OPERATIONS
    },
}
