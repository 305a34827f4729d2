"""The fixtures are in tests/fixtures.py."""

pytest_plugins = ["tests.fixtures"]
