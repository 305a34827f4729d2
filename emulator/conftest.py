"""The fixtures of both test suites that need a running stack."""

pytest_plugins = ["conformance.plugin"]
