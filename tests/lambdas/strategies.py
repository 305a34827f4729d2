"""Hypothesis strategies, and a profile for tests with fixtures."""

from datetime import UTC
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pipeline.contract import Message, Source, timestamp

# All examples of a test share its fixtures: an example must not depend on what they hold.
SHARED_FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

TENANT_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", fullmatch=True)
LOG_IDS = st.text(min_size=1, max_size=256).filter(
    lambda value: value.isprintable() and value.strip() != ""
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
RECEIVED_AT = st.datetimes(timezones=st.just(UTC)).map(timestamp)

MESSAGES = st.builds(
    Message,
    tenant_id=TENANT_IDS,
    log_id=LOG_IDS,
    source=st.sampled_from(Source),
    text=TEXTS,
    received_at=RECEIVED_AT,
    request_id=st.from_regex(r"[A-Za-z0-9=-]{1,40}", fullmatch=True),
)

JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
