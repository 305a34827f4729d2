"""Check every part of the stack: one line each, ok or FAIL.

The exit status tells whether all are ok. A message in the DLQ waits for a person: not ok.
"""

import argparse
import sys
from collections.abc import Callable
from typing import NamedTuple

import requests
from botocore.exceptions import BotoCoreError, ClientError

from e2e.deployment import Deployment
from scripts.console import run, say

_HTTP_TIMEOUT_SECONDS = 40


class Finding(NamedTuple):
    is_ok: bool
    text: str


def main() -> None:
    argparse.ArgumentParser(prog="scripts/healthcheck.sh", description=__doc__).parse_args()
    findings = [_report(name, check) for name, check in _checks(Deployment.from_environment())]
    if failed := findings.count(False):
        sys.exit(f"healthcheck.sh: {failed} of {len(findings)} checks failed")


def _report(name: str, check: Callable[[], Finding]) -> bool:
    try:
        finding = check()
    except (BotoCoreError, ClientError, requests.RequestException) as error:
        finding = Finding(is_ok=False, text=str(error))
    say(f"{'ok  ' if finding.is_ok else 'FAIL'}  {name:8}  {finding.text}")
    return finding.is_ok


def _checks(deployment: Deployment) -> list[tuple[str, Callable[[], Finding]]]:
    outputs = deployment.outputs
    return [
        ("api", lambda: _api(outputs.api_invoke_url)),
        ("queue", lambda: _queue(deployment, outputs.sqs_queue_url)),
        ("dlq", lambda: _dlq(deployment, outputs.sqs_dlq_url)),
        ("table", lambda: _table(deployment)),
        ("function", lambda: _function(deployment, outputs.api_function_name)),
        ("function", lambda: _function(deployment, outputs.worker_function_name)),
        ("mapping", lambda: _mapping(deployment)),
    ]


def _api(url: str) -> Finding:
    answer = requests.get(f"{url}/health", timeout=_HTTP_TIMEOUT_SECONDS)
    milliseconds = answer.elapsed.total_seconds() * 1000
    is_ok = answer.ok and answer.json().get("status") == "ok"
    return Finding(is_ok, f"{url}/health: HTTP {answer.status_code} in {milliseconds:.0f} ms")


def _queue(deployment: Deployment, url: str) -> Finding:
    waiting, in_flight = _depths(deployment, url)
    return Finding(is_ok=True, text=f"{_name(url)}: {waiting} waiting, {in_flight} in flight")


def _dlq(deployment: Deployment, url: str) -> Finding:
    waiting, _ = _depths(deployment, url)
    advice = "; see scripts/dlq.sh list" if waiting else ""
    return Finding(waiting == 0, f"{_name(url)}: {waiting} waiting{advice}")


def _depths(deployment: Deployment, url: str) -> tuple[int, int]:
    attributes = deployment.clients.sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return (
        int(attributes["ApproximateNumberOfMessages"]),
        int(attributes["ApproximateNumberOfMessagesNotVisible"]),
    )


def _name(queue_url: str) -> str:
    return queue_url.rpartition("/")[2]


def _table(deployment: Deployment) -> Finding:
    name = deployment.outputs.table_name
    status = deployment.clients.dynamodb.describe_table(TableName=name)["Table"]["TableStatus"]
    return Finding(status == "ACTIVE", f"{name}: {status}")


def _function(deployment: Deployment, name: str) -> Finding:
    found = deployment.clients.functions.get_function_configuration(FunctionName=name)
    is_ok = found["State"] == "Active" and found["LastUpdateStatus"] == "Successful"
    text = f"{name}: {found['State']}, {found['Runtime']}, last update {found['LastUpdateStatus']}"
    return Finding(is_ok, text)


def _mapping(deployment: Deployment) -> Finding:
    found = deployment.clients.functions.list_event_source_mappings(
        FunctionName=deployment.outputs.worker_function_name
    )["EventSourceMappings"]
    states = [mapping["State"] for mapping in found]
    return Finding(states == ["Enabled"], f"queue to worker: {', '.join(states) or 'missing'}")


if __name__ == "__main__":
    run(main)
