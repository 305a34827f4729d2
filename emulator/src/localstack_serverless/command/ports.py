"""Whether a port is free, and who has it."""

import errno
import socket

import psutil

from . import processes
from .errors import CommandError
from .instance import DEFAULT_PORT, Instance

ADDRESS = "127.0.0.1"


def require_free(port: int) -> None:
    """:raises CommandError: another program has the port, or this user may not have it"""
    if problem := why_not_free(port):
        raise CommandError(problem)


def why_not_free(port: int) -> str | None:
    """What keeps LocalStack from listening on the port, with the command that mends it."""
    try:
        # reuses the address: connections that have just ended do not hold it
        with socket.create_server((ADDRESS, port)):
            return None
    except PermissionError:
        return f"port {port} is for root only: choose one above 1023, such as `--port 4600`"
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
    other = port + 1 if port < 65535 else DEFAULT_PORT
    return f"port {port} is taken by {owner(port)}, or choose another port with `--port {other}`"


def owner(port: int) -> str:
    """Who listens on a port, as far as this user may know, and how to end it."""
    pid = _listener(port)
    if pid is None:
        return (
            f"another user's process: end it (`sudo ss -ltnp 'sport = :{port}'` shows which it is)"
        )
    try:
        name = psutil.Process(pid).name()
    except psutil.Error:
        name = "a process"
    return f"{name} (pid {pid}): end it with `{_how_to_end(pid, name, port)}`"


def _how_to_end(pid: int, name: str, port: int) -> str:
    volume = processes.localstack_folder(pid)
    if volume and Instance(volume.parent).pid() == pid:
        return Instance(volume.parent).command("stop")
    if name == "docker-proxy":
        return f"docker stop $(docker ps --quiet --filter publish={port})"
    return f"kill {pid}"


def _listener(port: int) -> int | None:
    """The process id; None where it is not visible to this user."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,):
            return connection.pid
    return None
