"""What a function can tell of its execution environment.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import os
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .deploying import ECHO, Deploy, wait_until

PID = "import os\ndef handler(event, context): return os.getpid()"


def test_environment_is_reused_while_it_is_free(deploy: Deploy) -> None:
    function = deploy(PID)
    assert function.invoke() == function.invoke()


def test_handler_gets_the_documented_context(deploy: Deploy) -> None:
    function = deploy(
        """
        def handler(event, context):
            return {
                "name": context.function_name,
                "version": context.function_version,
                "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb,
                "remaining": context.get_remaining_time_in_millis(),
                "group": context.log_group_name,
            }
        """,
        timeout=7,
    )
    context, _ = function.invoke()
    assert 6000 < context.pop("remaining") <= 7000
    assert context == {
        "name": function.name,
        "version": "$LATEST",
        "arn": function.arn,
        "memory": "128",
        "group": f"/aws/lambda/{function.name}",
    }


def test_environment_holds_what_aws_documents_and_nothing_of_the_host(deploy: Deploy) -> None:
    function = deploy("import os\ndef handler(event, context): return dict(os.environ)", MINE="1")
    environment, _ = function.invoke()
    assert environment["MINE"] == "1"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    assert environment["_HANDLER"] == "fn.handler"
    assert Path(environment["LAMBDA_TASK_ROOT"], "fn.py").exists()
    leaked = {
        name: value
        for name, value in environment.items()
        if value and value == os.environ.get(name) and not name.startswith("AWS_")
    }
    assert not leaked.keys() - {"LANG", "TZ"}


def test_temporary_folder_belongs_to_the_environment(deploy: Deploy) -> None:
    code = """
        import os, pathlib, tempfile
        def handler(event, context):
            folder = pathlib.Path(tempfile.gettempdir())
            before = sorted(os.listdir(folder))
            (folder / "mine").touch()
            return [before, str(folder)]
        """
    first, second = deploy(code), deploy(code)
    for function in (first, second):
        (before, folder), _ = function.invoke()
        assert before == []
        assert function.invoke()[0] == [["mine"], folder]
        assert folder != "/tmp" or not Path(folder, "mine").exists()  # noqa: S108 - the host's


def test_exception_is_reported_with_type_message_and_trace(deploy: Deploy) -> None:
    function = deploy("def handler(event, context): raise ValueError('no such thing')")
    payload, error = function.invoke()
    assert error == "Unhandled"
    assert payload["errorType"] == "ValueError"
    assert payload["errorMessage"] == "no such thing"
    assert payload["stackTrace"]


def test_missing_module_is_an_init_error(deploy: Deploy) -> None:
    function = deploy("import nothing_by_this_name\n" + ECHO)
    for _ in range(2):
        payload, error = function.invoke()
        assert error == "Unhandled"
        assert payload["errorType"] == "Runtime.ImportModuleError"
        assert "nothing_by_this_name" in payload["errorMessage"]


def test_timeout_ends_the_process_and_the_next_invocation_gets_a_new_one(deploy: Deploy) -> None:
    function = deploy(
        """
        import os, time
        def handler(event, context):
            if event == "hang":
                time.sleep(60)
            return os.getpid()
        """,
        timeout=1,
    )
    before, _ = function.invoke()
    payload, error = function.invoke("hang")
    after, _ = function.invoke()
    assert error == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert before != after


def test_killed_process_is_reported_and_replaced(deploy: Deploy) -> None:
    function = deploy(
        """
        import os, signal
        def handler(event, context):
            if event == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            return "alive"
        """
    )
    payload, error = function.invoke("die")
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert function.invoke() == ("alive", None)


def test_exit_status_is_reported(deploy: Deploy) -> None:
    function = deploy("import os\ndef handler(event, context): os._exit(3)")
    payload, _ = function.invoke()
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


@pytest.mark.parametrize("leaves_the_group", [False, True])
def test_processes_that_a_function_started_end_with_it(
    deploy: Deploy, leaves_the_group: bool
) -> None:
    function = deploy(
        """
        import os, subprocess
        def handler(event, context):
            if event == "die":
                os._exit(1)
            return subprocess.Popen(["sleep", "300"], start_new_session=event).pid
        """
    )
    child, _ = function.invoke(leaves_the_group)
    function.invoke("die")
    wait_until(lambda: is_gone(child))


def is_gone(pid: int) -> bool:
    """Whether the process ended; its parent may still have to take note of it."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return True


def test_log_has_start_output_end_and_report(deploy: Deploy) -> None:
    function = deploy("def handler(event, context): print('said', event)")
    function.invoke("this")
    function.invoke("that")
    wait_until(lambda: function.log().count("REPORT") == 2)
    log = function.log()
    request_id = re.search(r"START RequestId: (\S+) Version: \$LATEST\nsaid this\nEND", log)
    assert request_id
    report = rf"REPORT RequestId: {request_id[1]}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
    assert re.search(report + r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration", log)
    assert log.count("Init Duration") == 1


def test_package_in_the_code_wins_over_the_runtimes(deploy: Deploy) -> None:
    function = deploy("import fn\nimport boto3\ndef handler(event, context): return boto3.__file__")
    shipped, _ = function.invoke()
    assert "site-packages" in shipped


def test_python_variables_take_effect(deploy: Deploy) -> None:
    code = "import sys\ndef handler(event, context): return sys.flags.optimize"
    assert deploy(code, PYTHONOPTIMIZE="2").invoke() == (2, None)


def test_update_lets_the_invocation_under_way_finish(deploy: Deploy) -> None:
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
        function.clients.lambda_.update_function_configuration(
            FunctionName=function.name, Environment={"Variables": {"NEW": "1"}}
        )
        assert under_way.result() == ("done", None)


def test_unknown_runtime_is_refused_with_the_command_that_mends_it(deploy: Deploy) -> None:
    function = deploy(ECHO, runtime="python3.9")
    configuration = function.clients.lambda_.get_function(FunctionName=function.name)
    assert configuration["Configuration"]["State"] == "Failed"
    assert "make runtime PYTHON=python3.9" in configuration["Configuration"]["StateReason"]
