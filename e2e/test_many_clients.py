"""I1 and I2 under load: every accepted log becomes exactly one record."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from e2e.answers import assert_accepted
from e2e.tenant import Tenant

LOGS = 300
TENANTS = 10
CLIENTS = 20


def test_all_logs_of_many_clients_become_records(new_tenant: Callable[[], Tenant]) -> None:
    tenants = [new_tenant() for _ in range(TENANTS)]

    def send(number: int) -> None:
        tenant = tenants[number % TENANTS]
        post = tenant.post_json if number % 3 else tenant.post_text
        assert assert_accepted(post(f"no {number}", log_id=f"log-{number}")) == f"log-{number}"

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(send, range(LOGS)))

    for first, tenant in enumerate(tenants):
        records = tenant.wait_for_records(LOGS // TENANTS, deadline=180)
        texts = {record.log_id: record.original_text for record in records}
        assert texts == {f"log-{n}": f"no {n}" for n in range(first, LOGS, TENANTS)}
