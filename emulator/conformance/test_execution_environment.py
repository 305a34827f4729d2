"""What a function finds in its execution environment, and how environments end."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from testing.functions import (
    ECHO,
    Function,
    FunctionFactory,
    answering,
    archive,
)
from testing.target import Target, unique_name

from .docs import (
    ENVIRONMENT,
    ENVIRONMENT_VARIABLES,
    LAYERS,
    MEMORY,
    PYTHON_CONTEXT,
    PYTHON_EXCEPTIONS,
    PYTHON_HANDLER,
    PYTHON_PACKAGE,
    SCALING,
    TIMEOUT,
    cites,
)

pytestmark = pytest.mark.group("Execution environment")

Shared = Callable[[str], Function]

ENVIRON = "import os\ndef handler(event, context): return dict(os.environ)"
# Identifies an environment: on AWS, process ids are the same in all of them.
IDENTITY = "import uuid\nID = str(uuid.uuid4())\n"
# Dies, hangs or raises if the event says so, and otherwise returns the environment's id.
MORTAL = (
    IDENTITY
    + """
import os, time
def handler(event, context):
    if event == "exit":
        os._exit(3)
    if event == "hang":
        time.sleep(60)
    if event == "grow":
        return len(b"x" * (300 * 1024 * 1024))
    return ID
"""
)


@cites(PYTHON_HANDLER)
def test_event_and_answer_are_json_of_any_type(shared: Shared) -> None:
    for value in ({"k": ["\u00e9", 1.5, None]}, [1, 2], "text", 7, True, None):
        assert shared(ECHO).invoke(value) == (value, None)


@cites(PYTHON_CONTEXT)
def test_context_names_the_function(shared: Shared) -> None:
    function = shared(
        answering(
            "[context.function_name, context.function_version, context.invoked_function_arn,"
            " context.memory_limit_in_mb, context.log_group_name]"
        )
    )
    assert function.invoke() == (
        [function.name, "$LATEST", function.arn, "128", function.log_group],
        None,
    )


@cites(PYTHON_CONTEXT)
def test_context_has_the_request_id_of_the_response(aws: Target, shared: Shared) -> None:
    function = shared(answering("context.aws_request_id"))
    answer = aws.lambda_.invoke(FunctionName=function.name)
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert json.loads(answer["Payload"].read()) == request_id


@cites(PYTHON_CONTEXT)
def test_context_knows_the_remaining_time(deploy: FunctionFactory) -> None:
    function = deploy(answering("context.get_remaining_time_in_millis()"), timeout=7)
    remaining, _ = function.invoke()
    assert 6000 < remaining <= 7000


@cites(PYTHON_CONTEXT)
def test_context_has_the_callers_client_context(aws: Target, shared: Shared) -> None:
    function = shared(answering("context.client_context.custom"))
    # base64 of {"custom": {"k": "v"}}
    answer = aws.lambda_.invoke(
        FunctionName=function.name, ClientContext="eyJjdXN0b20iOiB7ImsiOiAidiJ9fQ=="
    )
    assert json.loads(answer["Payload"].read()) == {"k": "v"}


@cites(ENVIRONMENT_VARIABLES)
def test_variables_of_the_configuration_are_set(deploy: FunctionFactory) -> None:
    environment, _ = deploy(ENVIRON, MINE="my value").invoke()
    assert environment["MINE"] == "my value"


@cites(ENVIRONMENT_VARIABLES)
def test_variables_tell_of_the_function(
    aws: Target, shared: Shared, pytestconfig: pytest.Config
) -> None:
    function = shared(ENVIRON)
    environment, _ = function.invoke()
    assert environment["_HANDLER"] == "fn.handler"
    assert environment["AWS_REGION"] == aws.region
    assert environment["AWS_EXECUTION_ENV"] == f"AWS_Lambda_{pytestconfig.getoption('--runtime')}"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert environment["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"


@cites(ENVIRONMENT_VARIABLES)
def test_variable_shows_how_the_environment_was_initialized(shared: Shared) -> None:
    environment, _ = shared(ENVIRON).invoke()
    assert environment["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"


@cites(ENVIRONMENT_VARIABLES)
def test_variables_name_the_log(shared: Shared) -> None:
    function = shared(ENVIRON)
    environment, _ = function.invoke()
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == function.log_group
    assert environment["AWS_LAMBDA_LOG_STREAM_NAME"]


@cites(ENVIRONMENT_VARIABLES)
def test_variables_have_the_roles_credentials(shared: Shared) -> None:
    environment, _ = shared(ENVIRON).invoke()
    assert environment["AWS_ACCESS_KEY_ID"]
    assert environment["AWS_SECRET_ACCESS_KEY"]
    assert environment["AWS_SESSION_TOKEN"]


@cites(ENVIRONMENT_VARIABLES)
def test_time_zone_is_utc(shared: Shared) -> None:
    function = shared("import time\ndef handler(event, context): return list(time.localtime(0))")
    assert function.invoke()[0][:5] == [1970, 1, 1, 0, 0]


@cites(ENVIRONMENT_VARIABLES)
def test_task_root_holds_the_code(shared: Shared) -> None:
    function = shared(
        "import os\ndef handler(event, context): return os.listdir(os.environ['LAMBDA_TASK_ROOT'])"
    )
    files, _ = function.invoke()
    assert "fn.py" in files


@cites(ENVIRONMENT_VARIABLES)
def test_runtime_dir_is_a_folder(shared: Shared) -> None:
    function = shared(
        """
        import os
        def handler(event, context): return os.path.isdir(os.environ["LAMBDA_RUNTIME_DIR"])
        """
    )
    assert function.invoke() == (True, None)


@cites(ENVIRONMENT)
def test_environment_is_reused_while_it_is_free(deploy: FunctionFactory) -> None:
    function = deploy(MORTAL)
    assert function.invoke() == function.invoke()


@cites(SCALING)
def test_concurrent_invocations_have_an_environment_each(deploy: FunctionFactory) -> None:
    code = IDENTITY + "import time\ndef handler(event, context):\n    time.sleep(2)\n    return ID"
    function = deploy(code, timeout=20)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: function.invoke()[0], range(3)))
    assert len(set(answers)) == 3


@cites(ENVIRONMENT)
def test_temporary_folder_stays_with_the_environment(deploy: FunctionFactory) -> None:
    function = deploy(
        """
        import pathlib, tempfile
        def handler(event, context):
            mine = pathlib.Path(tempfile.gettempdir(), "mine")
            existed = mine.exists()
            mine.touch()
            return existed
        """
    )
    assert [function.invoke()[0] for _ in range(2)] == [False, True]


@cites(ENVIRONMENT)
def test_temporary_folder_is_not_another_functions(deploy: FunctionFactory) -> None:
    code = """
        import pathlib, tempfile
        def handler(event, context):
            folder = pathlib.Path(tempfile.gettempdir())
            found = sorted(path.name for path in folder.glob("conformance-*"))
            (folder / f"conformance-{context.function_name}").touch()
            return found
        """
    deploy(code).invoke()
    assert deploy(code).invoke() == ([], None)


@cites(PYTHON_EXCEPTIONS)
def test_exception_is_reported_with_type_message_and_trace(shared: Shared) -> None:
    function = shared("def handler(event, context): raise ValueError('no such thing')")
    payload, error = function.invoke()
    assert error == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "no such thing")
    assert "fn.py" in "".join(payload["stackTrace"])


@cites(PYTHON_EXCEPTIONS)
def test_missing_module_is_reported_at_each_invocation(deploy: FunctionFactory) -> None:
    function = deploy("import nothing_by_this_name\n" + ECHO)
    for _ in range(2):
        payload, error = function.invoke()
        assert error == "Unhandled"
        assert payload["errorType"] == "Runtime.ImportModuleError"
        assert "nothing_by_this_name" in payload["errorMessage"]


@cites(PYTHON_HANDLER)
def test_missing_handler_is_reported(deploy: FunctionFactory) -> None:
    payload, error = deploy("def another(event, context): pass").invoke()
    assert (error, payload["errorType"]) == ("Unhandled", "Runtime.HandlerNotFound")


@cites(TIMEOUT)
def test_timeout_is_reported(deploy: FunctionFactory) -> None:
    payload, error = deploy(MORTAL, timeout=1).invoke("hang")
    assert error == "Unhandled"
    assert "Task timed out after 1.00 seconds" in payload["errorMessage"]


@cites(ENVIRONMENT)
def test_timeout_resets_the_environment(deploy: FunctionFactory) -> None:
    function = deploy(MORTAL, timeout=1)
    before, _ = function.invoke()
    function.invoke("hang")
    after, error = function.invoke()
    assert error is None
    assert before != after


@cites(ENVIRONMENT)
def test_process_that_exits_is_an_error_and_replaced(deploy: FunctionFactory) -> None:
    function = deploy(MORTAL)
    before, _ = function.invoke()
    payload, error = function.invoke("exit")
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    after, error = function.invoke()
    assert error is None
    assert before != after


@cites(MEMORY)
def test_function_that_outgrows_its_memory_size_fails(deploy: FunctionFactory) -> None:
    function = deploy(MORTAL, timeout=20)
    before, _ = function.invoke()
    _, error = function.invoke("grow")
    assert error == "Unhandled"
    assert function.invoke()[0] != before


@cites(MEMORY)
def test_larger_memory_size_is_enough(deploy: FunctionFactory) -> None:
    function = deploy(MORTAL, timeout=20, settings={"MemorySize": 512})
    assert function.invoke("grow") == (300 * 1024 * 1024, None)


PublishLayer = Callable[[dict[str, str]], str]


@pytest.fixture
def publish_layer(aws: Target) -> Iterator[PublishLayer]:
    """publish_layer({path: text}): the ARN of a new layer version."""
    with ExitStack() as cleanup:

        def publish(files: dict[str, str]) -> str:
            name = unique_name()
            version = aws.lambda_.publish_layer_version(
                LayerName=name, Content={"ZipFile": archive(files)}
            )
            cleanup.callback(
                aws.lambda_.delete_layer_version, LayerName=name, VersionNumber=version["Version"]
            )
            return str(version["LayerVersionArn"])

        yield publish


@cites(LAYERS)
def test_layers_are_on_the_module_path(
    deploy: FunctionFactory, publish_layer: PublishLayer, pytestconfig: pytest.Config
) -> None:
    packages = f"python/lib/{pytestconfig.getoption('--runtime')}/site-packages"
    layer = publish_layer({"python/plain.py": "X = 1", f"{packages}/versioned.py": "X = 2"})
    code = "import plain, versioned\ndef handler(event, context): return [plain.X, versioned.X]"
    assert deploy(code, settings={"Layers": [layer]}).invoke() == ([1, 2], None)


@cites(LAYERS)
def test_later_layer_overwrites_an_earlier_one(
    deploy: FunctionFactory, publish_layer: PublishLayer
) -> None:
    first = publish_layer({"python/both.py": "X = 'first'", "python/one.py": "X = 'first'"})
    second = publish_layer({"python/both.py": "X = 'second'"})
    code = "import both, one\ndef handler(event, context): return [both.X, one.X]"
    function = deploy(code, settings={"Layers": [first, second]})
    assert function.invoke() == (["second", "first"], None)


@cites(LAYERS)
def test_programs_of_a_layer_are_on_the_path(
    deploy: FunctionFactory, publish_layer: PublishLayer
) -> None:
    layer = publish_layer({"bin/greet": "#!/bin/sh\necho hello"})
    code = "import subprocess\ndef handler(event, context): return subprocess.getoutput('greet')"
    assert deploy(code, settings={"Layers": [layer]}).invoke() == ("hello", None)


@cites(PYTHON_PACKAGE)
def test_package_in_a_layer_wins_over_the_runtimes(
    deploy: FunctionFactory, publish_layer: PublishLayer
) -> None:
    layer = publish_layer({"python/boto3.py": "WHERE = 'layer'"})
    code = "import boto3\ndef handler(event, context): return boto3.WHERE"
    assert deploy(code, settings={"Layers": [layer]}).invoke() == ("layer", None)


@cites(PYTHON_PACKAGE)
def test_runtime_brings_boto3(shared: Shared) -> None:
    function = shared("import boto3\ndef handler(event, context): return boto3.__version__")
    version, error = function.invoke()
    assert (error, version.split(".")[0]) == (None, "1")
