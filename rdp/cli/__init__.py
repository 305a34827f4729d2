"""The command `rdp`."""


def main() -> None:
    from rdp.cli.app import app

    app()
