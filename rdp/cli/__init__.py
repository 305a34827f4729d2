"""The command `rdp`."""

import sys


def main() -> None:
    if sys.argv[1:2] == ["load"]:
        # Locust replaces Python's sockets, which works only before anything else imports ssl.
        import rdp.load.run  # noqa: F401
    from rdp.cli.app import app

    app()
