"""What a function and the platform log, where, and in which format."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from testing.functions import (
    Function,
    FunctionFactory,
    answering,
    delete_log_group,
    log_events,
)
from testing.target import Target, unique_name

from .docs import (
    INVOKE,
    LOG_FORMAT,
    LOG_GROUPS,
    LOG_LEVEL,
    PYTHON_LOGGING,
    cites,
)

pytestmark = pytest.mark.group("Execution environment")

Shared = Callable[[str], Function]


@cites(PYTHON_LOGGING)
def test_log_has_start_output_end_and_report(aws: Target, deploy: FunctionFactory) -> None:
    function = deploy("def handler(event, context): print('said', event)")
    function.invoke("this")
    aws.wait_until(lambda: "REPORT" in function.log())
    found = re.search(
        r"START RequestId: (\S+) Version: \$LATEST\nsaid this\nEND RequestId: (\S+)\n"
        r"REPORT RequestId: (\S+)\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms",
        function.log(),
    )
    assert found
    assert len(set(found.groups())) == 1


@cites(INVOKE)
def test_log_comes_with_the_response_on_request(shared: Shared) -> None:
    function = shared("def handler(event, context): print('said', event)")
    answer = function.aws.lambda_.invoke(
        FunctionName=function.name, Payload=b'"this"', LogType="Tail"
    )
    log = base64.b64decode(answer["LogResult"]).decode()
    assert re.search(r"START RequestId.*\nsaid this\nEND RequestId.*\nREPORT RequestId", log)


@cites(LOG_GROUPS)
def test_log_goes_to_the_group_of_the_configuration(aws: Target, deploy: FunctionFactory) -> None:
    group = unique_name()
    settings = {"LoggingConfig": {"LogGroup": group}}
    function = deploy(answering("print('said') or context.log_group_name"), settings=settings)
    try:
        assert function.invoke() == (group, None)
        aws.wait_until(lambda: "said" in "".join(log_events(aws, group)))
    finally:
        delete_log_group(aws, group)


TALK = """
import logging
LOG = logging.getLogger()
def handler(event, context):
    LOG.info("told"), LOG.debug("whispered")
    if event == "fail":
        raise ValueError
    return context.aws_request_id
"""


def json_log(function: Function, until: str) -> list[dict[str, Any]]:
    """The log's events once it holds the text `until`."""
    function.aws.wait_until(lambda: until in function.log())
    lines = log_events(function.aws, function.log_group)
    return [json.loads(line) for text in lines for line in text.splitlines()]


@cites(LOG_FORMAT)
def test_json_log_has_the_platforms_events(deploy: FunctionFactory) -> None:
    function = deploy(TALK, settings={"LoggingConfig": {"LogFormat": "JSON"}})
    request_id, _ = function.invoke()
    events = json_log(function, "platform.report")
    records = {event["type"]: event["record"] for event in events if "type" in event}
    assert records["platform.start"] == {"requestId": request_id, "version": "$LATEST"}
    report = records["platform.report"]
    assert report["requestId"] == request_id
    assert report["metrics"]["memorySizeMB"] == 128
    assert report["metrics"].keys() >= {"durationMs", "billedDurationMs", "maxMemoryUsedMB"}


@cites(LOG_FORMAT)
def test_json_log_has_the_functions_lines_as_objects(deploy: FunctionFactory) -> None:
    function = deploy(TALK, settings={"LoggingConfig": {"LogFormat": "JSON"}})
    request_id, _ = function.invoke()
    [line] = [event for event in json_log(function, "platform.report") if "message" in event]
    assert (line["level"], line["message"], line["requestId"]) == ("INFO", "told", request_id)
    assert line["timestamp"]


@cites(LOG_LEVEL)
def test_system_log_level_leaves_out_start_and_report(aws: Target, deploy: FunctionFactory) -> None:
    logging = {"LogFormat": "JSON", "SystemLogLevel": "WARN"}
    function = deploy(TALK, settings={"LoggingConfig": logging})
    for _ in range(2):
        function.invoke()
    aws.wait_until(lambda: function.log().count("told") == 2)
    assert "platform." not in function.log()


@cites(LOG_LEVEL)
def test_application_log_level_decides_what_the_function_logs(deploy: FunctionFactory) -> None:
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}
    function = deploy(TALK, settings={"LoggingConfig": logging})
    function.invoke()
    messages = [event.get("message") for event in json_log(function, "platform.report")]
    assert [message for message in messages if message] == ["told", "whispered"]
