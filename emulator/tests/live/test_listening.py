"""Nothing that LocalStack starts can be reached from another machine."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import psutil
import pytest

from testing.functions import ECHO

from .own_localstack import OwnLocalStack, own_localstack

# DynamoDB Local, which has no setting for its address
LISTENS_EVERYWHERE = "DynamoDBLocal.jar"


@pytest.fixture
def localstack(tmp_path: Path) -> Iterator[OwnLocalStack]:
    services = "apigatewayv2,cloudwatch,dynamodb,iam,lambda,logs,s3,sqs,sts"
    with own_localstack(tmp_path, SERVICES=services) as started:
        yield started


def test_only_dynamodb_local_listens_beyond_loopback(localstack: OwnLocalStack) -> None:
    localstack.deploy(ECHO).invoke()
    root = psutil.Process(localstack.pid)
    addresses = {
        (socket.laddr.ip, socket.laddr.port)
        for process in (root, *root.children(recursive=True))
        if not any(argument.endswith(LISTENS_EVERYWHERE) for argument in process.cmdline())
        for socket in process.net_connections("inet")
        if socket.status == psutil.CONN_LISTEN
    }
    assert ("127.0.0.1", localstack.port) in addresses
    assert all(ip_address(host).is_loopback for host, _ in addresses), addresses
