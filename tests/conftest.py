"""The fixtures are in tests/lambdas/fixtures.py."""

pytest_plugins = ["tests.lambdas.fixtures"]
