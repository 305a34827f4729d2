"""The fixtures of the test suites that need a running stack, and the conformance suite's score."""

pytest_plugins = ["testing.plugin", "conformance.plugin"]
