"""LocalStack's settings, from `settings.env`."""

from pathlib import Path

SETTINGS_FILE = Path(__file__).with_name("settings.env")


def read(path: Path = SETTINGS_FILE) -> dict[str, str]:
    """The settings of a file of `KEY=VALUE` lines, as docker compose reads an `env_file`.

    :raises ValueError: a line is neither a setting nor empty nor a comment
    """
    settings = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator or not name.isidentifier():
            raise ValueError(f"{path}:{number}: {line!r} is not KEY=VALUE")
        settings[name] = value
    return settings
