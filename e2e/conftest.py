"""The fixtures are in a plugin."""

pytest_plugins = ["e2e.fixtures"]
