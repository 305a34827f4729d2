"""The fixtures come from a plugin."""

pytest_plugins = ["e2e.fixtures"]
