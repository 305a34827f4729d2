"""I3: a record belongs to the tenant that sent it, and a query returns no other tenant's."""

from collections.abc import Callable

from e2e.answers import assert_accepted
from e2e.tenant import Tenant
from rdp.stack import Stack


def test_query_returns_the_tenants_own_records_only(new_tenant: Callable[[], Tenant]) -> None:
    tenants = [new_tenant() for _ in range(3)]
    for tenant in tenants:
        for log_id in ("log-001", "log-002"):
            assert_accepted(tenant.post_json(f"of {tenant.name[-3:]}", log_id=log_id))

    for tenant in tenants:
        records = tenant.wait_for_records(2)
        assert {record.log_id for record in records} == {"log-001", "log-002"}
        assert {record.tenant_id for record in records} == {tenant.name}
        assert {record.original_text for record in records} == {f"of {tenant.name[-3:]}"}


def test_tenants_with_similar_names_are_strangers(stack: Stack, tenant: Tenant) -> None:
    name = tenant.name
    strangers = [Tenant(stack, other) for other in (name.upper(), f"{name}.", f"{name}-1")]
    try:
        assert_accepted(tenant.post_json("mine", log_id="log-001"))
        for stranger in strangers:
            assert_accepted(stranger.post_json("theirs", log_id="log-001"))

        for stranger in strangers:
            assert stranger.wait_for_record("log-001").original_text == "theirs"
        [record] = tenant.wait_for_records(1)
        assert record.original_text == "mine"
    finally:
        for stranger in reversed(strangers):
            stranger.clean_up()
