"""The scoreboard of the conformance suite, as a pytest plugin."""

from collections.abc import Generator

import pytest

from . import scoreboard


def pytest_addoption(parser: pytest.Parser) -> None:
    options = parser.getgroup("conformance")
    options.addoption("--summary", metavar="FILE", help="write the score, by group, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "group(name): the part of AWS that a behaviour belongs to")
    config.addinivalue_line("markers", "cites(url): where AWS documents the behaviour")
    is_worker = hasattr(config, "workerinput")
    if config.getoption("--summary") and not is_worker:
        config.pluginmanager.register(scoreboard.Recorder(config.getoption("--summary")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("group") and not item.get_closest_marker("cites"):
            raise pytest.UsageError(f"{item.nodeid} does not cite AWS: add @cites(URL)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    scoreboard.annotate(report, item, call)
    return report
