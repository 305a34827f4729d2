"""What LocalStack is started with."""

import socket
from pathlib import Path

import pytest

from localstack_serverless.command import start
from localstack_serverless.command.errors import CommandError
from localstack_serverless.command.instance import Instance
from localstack_serverless.command.runtimes import Shared
from localstack_serverless.command.start import Options

from . import stand_in


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path / "state")


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return Shared(tmp_path / "runtimes", tmp_path / "lib")


def environment(
    instance: Instance,
    shared: Shared,
    services: str | None = None,
    log_level: str | None = None,
    *,
    persist: bool = True,
) -> dict[str, str]:
    options = Options(None, services, (), log_level, persist)
    return start.environment(instance, shared, 4600, options)


def test_settings_come_before_the_option_and_behind_the_users(
    instance: Instance, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert environment(instance, shared)["LS_LOG"] == "warn"
    monkeypatch.setenv("LS_LOG", "info")
    assert environment(instance, shared)["LS_LOG"] == "info"
    assert environment(instance, shared, log_level="debug")["LS_LOG"] == "debug"


def test_users_aws_and_python_do_not_reach_localstack(
    instance: Instance, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "PYTHONPATH"):
        monkeypatch.setenv(name, "users")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    env = environment(instance, shared)
    assert "users" not in env.values()
    assert env["PYTHONWARNINGS"] == "ignore"


def test_services_that_are_named_are_loaded_at_once(instance: Instance, shared: Shared) -> None:
    assert "EAGER_SERVICE_LOADING" not in environment(instance, shared)
    env = environment(instance, shared, services="sqs,lambda")
    assert (env["SERVICES"], env["EAGER_SERVICE_LOADING"]) == ("sqs,lambda", "1")


def test_state_need_not_be_kept(instance: Instance, shared: Shared) -> None:
    assert environment(instance, shared)["PERSISTENCE"] == "1"
    assert environment(instance, shared, persist=False)["PERSISTENCE"] == "0"


def test_libraries_are_linked_again_after_they_moved(instance: Instance, tmp_path: Path) -> None:
    for name in ("first", "second", "second"):
        start.link_libraries(instance, tmp_path / name)
        assert instance.libraries.resolve() == tmp_path / name


def test_libraries_may_be_the_instances_own(instance: Instance) -> None:
    for _ in range(2):
        start.link_libraries(instance, instance.libraries)
        assert instance.libraries.is_dir()
        assert not instance.libraries.is_symlink()


def test_libraries_that_were_installed_otherwise_stay(instance: Instance, tmp_path: Path) -> None:
    instance.libraries.mkdir(parents=True)
    (instance.libraries / "file").touch()
    with pytest.raises(CommandError, match=r"has files.*`rm -r "):
        start.link_libraries(instance, tmp_path / "lib")
    assert (instance.libraries / "file").exists()


def test_interrupted_stop_is_finished_before_the_next_start(
    instance: Instance, shared: Shared
) -> None:
    with (
        stand_in.localstack(instance) as process,
        # the start ends here, before it installs anything
        socket.create_server(("127.0.0.1", 0)) as taken,
    ):
        instance.ready_file.touch()
        instance.stopping_file.touch()
        options = Options(taken.getsockname()[1], None, (), None, persist=True)
        with pytest.raises(CommandError, match="is taken by"):
            start.start(instance, shared, options)
        assert process.wait(10)
        assert not instance.stopping_file.exists()


def test_users_cache_folder_is_not_used(
    instance: Instance, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/nowhere")
    assert environment(instance, shared)["XDG_CACHE_HOME"] == str(instance.volume / "cache")
