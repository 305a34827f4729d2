"""The command `rdp`."""

import io
import os
import sys

_INTERRUPTED = 130


def main() -> None:
    _prepare_streams()
    try:
        if sys.argv[1:2] == ["load"]:
            # Locust replaces Python's sockets, which works only before anything else imports ssl.
            import rdp.load.run  # noqa: F401
        from rdp.cli.app import app
    except KeyboardInterrupt:
        sys.stderr.write("rdp: interrupted\n")
        sys.exit(_INTERRUPTED)
    try:
        app()
    finally:
        _finish_output()


def _prepare_streams() -> None:
    """A closed stream reads as empty and takes any output; output is UTF-8 in every locale."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _finish_output() -> None:
    """Python would flush again at its end, and complain about a full disk a second time."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
