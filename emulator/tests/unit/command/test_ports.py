"""A port that is taken is reported with who has it, and what frees it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstack_serverless.command import ports
from localstack_serverless.command.errors import CommandError
from localstack_serverless.command.instance import Instance

from . import stand_in

LISTENS = """
import socket, time
server = socket.create_server(("127.0.0.1", 0))
with open("port", "w") as file:
    file.write(str(server.getsockname()[1]))
print(flush=True)
time.sleep(60)
"""


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])  # noqa: S104 - as other programs do
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.create_server((request.param, 0)) as server:
        yield server.getsockname()[1]


def test_taken_port_is_reported_with_its_owner(taken: int) -> None:
    owner = rf"port {taken} is taken by \S+ \(pid {os.getpid()}\): end it with `kill {os.getpid()}`"
    with pytest.raises(CommandError, match=rf"{owner}, or .* `--port {taken + 1}`"):
        ports.require_free(taken)


def test_port_that_was_used_a_moment_ago_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        client = socket.create_connection(address)
        server.accept()[0].close()
        client.close()
    ports.require_free(address[1])


def test_another_instance_is_stopped_by_its_folder(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "of another project")
    with stand_in.localstack(instance, LISTENS):
        port = int((instance.folder / "code" / "port").read_text())
        stop = rf"`localstack-serverless stop --state '{instance.folder}'`"
        with pytest.raises(CommandError, match=stop):
            ports.require_free(port)


def test_port_for_root_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(CommandError, match="port 80 is for root only"):
        ports.require_free(80)
