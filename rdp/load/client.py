"""One client that sends logs of many tenants, half JSON, half plain text.

`rdp load` runs it and accounts for its logs. Locust's web page can run it too:
`.venv/bin/locust -f rdp/load/client.py --host <api_invoke_url>`.
"""

import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from locust import FastHttpUser, constant_throughput, task
from locust.contrib.fasthttp import FastResponse

from rdp.ledger import Ledger

_WORDS = ("disk", "full", "user", "login", "retry", "timeout", "peer", "reset", "cache", "miss")
_PHONE_NUMBERS = ("555-0199", "(555) 555-0142", "+1 555 555 0123")
NO_ANSWER = 0


def log_text(length: int) -> str:
    """Words and a phone number, together `length` characters; only words if `length` is short."""
    phone = f" {random.choice(_PHONE_NUMBERS)}"  # noqa: S311 - not a secret
    words = " ".join(random.choices(_WORDS, k=length))  # noqa: S311
    return words[: length - len(phone)] + phone if length > len(phone) else words[:length]


class LogClient(FastHttpUser):
    wait_time = constant_throughput(1)

    tenants: ClassVar[Sequence[str]] = [f"load-{number:02}" for number in range(10)]
    text_length: ClassVar[int] = 50
    ledger: ClassVar[Ledger] = Ledger()
    statuses: ClassVar[Counter[int]] = Counter()
    """How many answers had each HTTP status; 0: no answer."""
    longest_start_delay: ClassVar[float] = 1.0
    """Seconds. Clients that start at the same time would all send at the same time."""

    def on_start(self) -> None:
        time.sleep(random.uniform(0, self.longest_start_delay))  # noqa: S311 - not a secret

    @task
    def send_json(self) -> None:
        tenant_id, log_id = self._new_log()
        fields = {"tenant_id": tenant_id, "log_id": log_id, "text": log_text(self.text_length)}
        self._account(self.client.post("/ingest", json=fields), tenant_id, log_id)

    @task
    def send_text(self) -> None:
        tenant_id, log_id = self._new_log()
        headers = {"Content-Type": "text/plain", "X-Tenant-ID": tenant_id, "X-Log-ID": log_id}
        text = log_text(self.text_length)
        self._account(self.client.post("/ingest", text, headers=headers), tenant_id, log_id)

    def _new_log(self) -> tuple[str, str]:
        return random.choice(self.tenants), str(uuid.uuid4())  # noqa: S311 - not a secret

    def _account(self, answer: FastResponse, tenant_id: str, log_id: str) -> None:
        self.statuses[answer.status_code or NO_ANSWER] += 1
        if answer.status_code == 202:
            self.ledger.accept(tenant_id, log_id, answer.json()["request_id"])
