"""What a function's configuration asks of its execution environment.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
"""

import io
import json
import re
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from .deploying import Clients, Deploy, Function, wait_until

Publish = Callable[[dict[str, str]], str]

ALLOCATE = """
import multiprocessing, os, time
import boto3

def fill(megabytes, seconds=0):
    block = b"x" * (megabytes * 1024 * 1024)
    time.sleep(seconds)
    return len(block)

def handler(event, context):
    if event.get("child"):
        child = multiprocessing.get_context("fork").Process(target=fill, args=(event["child"], 20))
        child.start()
        child.join()
    fill(event.get("megabytes", 0), event.get("seconds", 0))
    return os.getpid()
"""


def configure(function: Function, **settings: Any) -> None:
    """Update the function's configuration and wait until it took effect."""
    client = function.clients.lambda_
    client.update_function_configuration(FunctionName=function.name, **settings)
    wait_until(
        lambda: (
            client.get_function_configuration(FunctionName=function.name)["LastUpdateStatus"]
            == "Successful"
        )
    )


@pytest.fixture
def publish_layer(clients: Clients) -> Iterator[Publish]:
    """publish_layer({path: text}): the ARN of a new layer version."""
    with ExitStack() as cleanup:

        def publish(files: dict[str, str]) -> str:
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w") as package:
                for path, text in files.items():
                    entry = zipfile.ZipInfo(path)
                    entry.external_attr = 0o755 << 16
                    package.writestr(entry, text)
            name = f"live-{uuid.uuid4().hex[:12]}"
            version = clients.lambda_.publish_layer_version(
                LayerName=name, Content={"ZipFile": archive.getvalue()}
            )
            cleanup.callback(
                clients.lambda_.delete_layer_version,
                LayerName=name,
                VersionNumber=version["Version"],
            )
            return str(version["LayerVersionArn"])

        yield publish


def test_function_within_its_memory_size_runs(deploy: Deploy) -> None:
    function = deploy(ALLOCATE)
    assert function.invoke({"megabytes": 40, "seconds": 0.1})[1] is None


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"megabytes": 300, "seconds": 20}, id="stays large"),
        pytest.param({"megabytes": 200}, id="is large for a moment"),
        pytest.param({"child": 300}, id="in a child process"),
    ],
)
def test_function_that_outgrows_its_memory_size_is_killed(
    deploy: Deploy, event: dict[str, int]
) -> None:
    function = deploy(ALLOCATE, timeout=10)
    before, _ = function.invoke({})
    payload, error = function.invoke(event)
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.OutOfMemory"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    after, _ = function.invoke({})
    assert before != after
    wait_until(lambda: function.log().count("REPORT") == 3)
    killed = re.search(r"REPORT.*Error Type: Runtime.OutOfMemory", function.log())
    assert killed
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB" in killed[0]


def test_larger_memory_size_is_enough(deploy: Deploy) -> None:
    function = deploy(ALLOCATE)
    configure(function, MemorySize=512)
    assert function.invoke({"megabytes": 300, "seconds": 0.1})[1] is None


def test_log_goes_to_the_group_of_the_logging_configuration(deploy: Deploy) -> None:
    function = deploy("def handler(event, context): return context.log_group_name")
    group = f"{function.log_group}-elsewhere"
    configure(function, LoggingConfig={"LogGroup": group})
    assert function.invoke() == (group, None)
    logs = function.clients.logs
    wait_until(lambda: logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"])
    logs.delete_log_group(logGroupName=group)


def test_layers_are_on_the_module_path(deploy: Deploy, publish_layer: Publish) -> None:
    function = deploy(
        """
        def handler(event, context):
            import plain, versioned
            return [plain.WHERE, versioned.WHERE]
        """
    )
    layer = publish_layer(
        {
            "python/plain.py": "WHERE = 'python'",
            "python/versioned.py": "WHERE = 'python'",
            "python/lib/python3.11/site-packages/versioned.py": "WHERE = 'site-packages'",
        }
    )
    configure(function, Layers=[layer])
    assert function.invoke() == (["python", "site-packages"], None)


def test_later_layer_overwrites_and_the_code_wins_over_both(
    deploy: Deploy, publish_layer: Publish
) -> None:
    function = deploy(
        """
        WHERE = "code"
        def handler(event, context):
            import fn, package.first, package.second
            return [fn.WHERE, package.first.WHERE, package.second.WHERE]
        """
    )
    first = publish_layer(
        {
            "python/package/first.py": "WHERE = 'first layer'",
            "python/package/second.py": "WHERE = 'first layer'",
            "python/fn.py": "WHERE = 'first layer'",
        }
    )
    second = publish_layer({"python/package/second.py": "WHERE = 'second layer'"})
    configure(function, Layers=[first, second])
    assert function.invoke() == (["code", "first layer", "second layer"], None)


def test_package_in_a_layer_wins_over_the_runtimes(deploy: Deploy, publish_layer: Publish) -> None:
    function = deploy("import boto3\ndef handler(event, context): return boto3.WHERE")
    configure(function, Layers=[publish_layer({"python/boto3.py": "WHERE = 'layer'"})])
    assert function.invoke() == ("layer", None)


def test_programs_of_a_layer_are_on_the_path(deploy: Deploy, publish_layer: Publish) -> None:
    function = deploy(
        """
        import subprocess
        def handler(event, context):
            return subprocess.run(["greet"], capture_output=True, text=True, check=True).stdout
        """
    )
    configure(function, Layers=[publish_layer({"bin/greet": "#!/bin/sh\necho hello"})])
    assert function.invoke() == ("hello\n", None)


TALK = """
import logging, os
LOG = logging.getLogger()
def handler(event, context):
    LOG.info("told"), LOG.debug("hidden")
    if event == "die":
        os._exit(1)
    return context.aws_request_id
"""


def json_log(function: Function, *, until: str) -> list[dict[str, Any]]:
    """The log's events, parsed, once it holds the text `until`."""
    wait_until(lambda: until in function.log())
    return [json.loads(line) for line in function.log().splitlines()]


def test_json_log_has_the_platforms_events_and_the_functions(deploy: Deploy) -> None:
    function = deploy(TALK)
    configure(function, LoggingConfig={"LogFormat": "JSON"})
    request_id, _ = function.invoke()
    init_start, start, told, report = json_log(function, until="platform.report")
    assert init_start["type"] == "platform.initStart"
    assert start["type"] == "platform.start"
    assert start["record"] == {"requestId": request_id, "version": "$LATEST"}
    assert (told["level"], told["message"], told["requestId"]) == ("INFO", "told", request_id)
    assert report["record"]["status"] == "success"
    metrics = report["record"]["metrics"]
    assert metrics["memorySizeMB"] == 128
    assert metrics.keys() >= {"durationMs", "billedDurationMs", "maxMemoryUsedMB", "initDurationMs"}


def test_log_levels_filter_the_platform_and_the_function(deploy: Deploy) -> None:
    function = deploy(TALK)
    levels = {"ApplicationLogLevel": "DEBUG", "SystemLogLevel": "WARN"}
    configure(function, LoggingConfig={"LogFormat": "JSON", **levels})
    function.invoke("die")
    told, hidden, done, report = json_log(function, until="platform.report")
    assert [told["message"], hidden["message"]] == ["told", "hidden"]
    assert [done["type"], report["type"]] == ["platform.runtimeDone", "platform.report"]
    assert report["record"]["status"] == "error"
    assert report["record"]["errorType"] == "Runtime.ExitError"
