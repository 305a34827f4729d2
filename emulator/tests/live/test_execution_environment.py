"""What the plugin's execution environments do beyond what AWS documents."""

import os
import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from testing.functions import ECHO, FunctionFactory
from testing.target import NotSupportedError, Target, wait_until

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


def test_environment_holds_nothing_of_the_host(deploy: FunctionFactory) -> None:
    function = deploy("import os\ndef handler(event, context): return dict(os.environ)")
    environment, _ = function.invoke()
    leaked = {
        name: value
        for name, value in environment.items()
        if value and value == os.environ.get(name) and not name.startswith("AWS_")
    }
    assert not leaked.keys() - {"LANG", "TZ"}


def test_killed_process_is_reported_in_awss_words(deploy: FunctionFactory) -> None:
    function = deploy(
        "import os, signal\ndef handler(event, context): os.kill(os.getpid(), signal.SIGKILL)"
    )
    payload, _ = function.invoke()
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")


def test_exit_status_is_reported_in_awss_words(deploy: FunctionFactory) -> None:
    payload, _ = deploy("import os\ndef handler(event, context): os._exit(3)").invoke()
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


def test_timeout_is_reported_in_awss_words(deploy: FunctionFactory) -> None:
    function = deploy("import time\ndef handler(event, context): time.sleep(60)", timeout=1)
    payload, _ = function.invoke()
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")


@pytest.mark.parametrize("leaves_the_group", [False, True])
def test_processes_that_a_function_started_end_with_it(
    deploy: FunctionFactory, leaves_the_group: bool
) -> None:
    function = deploy(
        """
        import os, subprocess
        def handler(event, context):
            if event == "die":
                os._exit(1)
            if event in (True, False):
                return subprocess.Popen(["sleep", "300"], start_new_session=event).pid
            # as the test may see other processes than LocalStack
            states = subprocess.run(["ps", "-o", "stat=", "-p", event], capture_output=True)
            return states.stdout.decode().strip()
        """
    )
    child, _ = function.invoke(leaves_the_group)
    assert function.invoke(str(child))[0].startswith("S")
    function.invoke("die")
    wait_until(lambda: function.invoke(str(child))[0][:1] in ("", "Z"))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"megabytes": 300, "seconds": 20}, id="stays large"),
        pytest.param({"megabytes": 200}, id="is large for a moment"),
        pytest.param({"child": 300}, id="in a child process"),
    ],
)
def test_function_that_outgrows_its_memory_size_is_killed(
    aws: Target, deploy: FunctionFactory, event: dict[str, int]
) -> None:
    function = deploy(ALLOCATE, timeout=10)
    before, _ = function.invoke({})
    payload, _ = function.invoke(event)
    assert payload["errorType"] == "Runtime.OutOfMemory"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    after, _ = function.invoke({})
    assert before != after
    aws.wait_until(lambda: function.log().count("REPORT") == 3)
    killed = re.search(r"REPORT.*Error Type: Runtime.OutOfMemory", function.log())
    assert killed
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB" in killed[0]


def test_package_in_the_code_wins_over_the_runtimes(deploy: FunctionFactory) -> None:
    function = deploy("import fn\nimport boto3\ndef handler(event, context): return boto3.__file__")
    shipped, _ = function.invoke()
    assert "site-packages" in shipped


def test_python_variables_take_effect(deploy: FunctionFactory) -> None:
    code = "import sys\ndef handler(event, context): return sys.flags.optimize"
    assert deploy(code, PYTHONOPTIMIZE="2").invoke() == (2, None)


@pytest.mark.usefixtures("same_machine")
def test_update_lets_the_invocation_under_way_finish(deploy: FunctionFactory) -> None:
    function = deploy(
        """
        import socket, time
        def handler(event, context):
            socket.create_connection(("127.0.0.1", event)).close()
            time.sleep(2)
            return "done"
        """,
        timeout=10,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(function.invoke, listener.getsockname()[1])
        listener.settimeout(20)
        listener.accept()[0].close()
        function.configure(Environment={"Variables": {"NEW": "1"}})
        assert under_way.result() == ("done", None)


def test_unknown_runtime_is_refused_with_the_command_that_mends_it(
    deploy: FunctionFactory,
) -> None:
    with pytest.raises(NotSupportedError, match=r"runtime install python3\.9"):
        deploy(ECHO, runtime="python3.9")


def test_json_log_has_the_init_and_how_a_process_ended(
    aws: Target, deploy: FunctionFactory
) -> None:
    logging = {"LoggingConfig": {"LogFormat": "JSON"}}
    code = "import os\ndef handler(event, context): os._exit(1)"
    function = deploy(code, settings=logging)
    function.invoke()
    aws.wait_until(lambda: "platform.report" in function.log())
    log = function.log()
    kinds = re.findall(r'"type":"platform\.(\w+)"', log)
    assert kinds == ["initStart", "start", "runtimeDone", "report"]
    assert log.count('"errorType":"Runtime.ExitError"') == 2
