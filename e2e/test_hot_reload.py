"""With `make up HOT_RELOAD=1`, the next request runs what was saved in lambdas/."""

from collections.abc import Iterator

import pytest

from e2e.answers import assert_refused
from rdp.checkout import ROOT
from rdp.stack import Stack

pytestmark = pytest.mark.alone

SOURCE = ROOT / "lambdas" / "pipeline" / "contract.py"
OLD, NEW = "Unknown field", "Unheard-of field"


@pytest.fixture
def _hot_reload(stack: Stack) -> None:
    if not stack.functions.api_code_location().startswith("file:"):
        pytest.skip("the functions run from packages: `make up HOT_RELOAD=1` runs lambdas/ itself")


@pytest.fixture
def source(_hot_reload: None) -> Iterator[str]:
    """The text of SOURCE; restored at the end."""
    text = SOURCE.read_text(encoding="utf-8")
    yield text
    SOURCE.write_text(text, encoding="utf-8")


def test_next_request_runs_what_was_saved(stack: Stack, source: str) -> None:
    unknown = {"tenant_id": "acme", "text": "x", "tenant": "acme"}
    assert_refused(stack.api.post_json(unknown), 400, OLD)
    SOURCE.write_text(source.replace(OLD, NEW), encoding="utf-8")
    assert_refused(stack.api.post_json(unknown), 400, NEW)
    SOURCE.write_text(source, encoding="utf-8")
    assert_refused(stack.api.post_json(unknown), 400, OLD)
