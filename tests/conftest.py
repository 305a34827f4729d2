"""The fixtures are in plugins, one for each folder that is tested."""

pytest_plugins = ["tests.lambdas.fixtures", "tests.rdp.fixtures"]
