"""The HTTP API, as a client sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from rdp.deployment import Deployment

# More than the 30 s after which an HTTP API gives up.
_TIMEOUT_SECONDS = 40


class Api:
    def __init__(self, deployment: Deployment) -> None:
        self.url = deployment.outputs.api_invoke_url

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str | bytes] | None = None,
    ) -> requests.Response:
        return requests.request(
            method, self.url + path, data=body, headers=headers, timeout=_TIMEOUT_SECONDS
        )

    def post_json(self, fields: object) -> requests.Response:
        body = json.dumps(fields).encode()
        return self.request("POST", "/ingest", body, {"Content-Type": "application/json"})

    def post_text(
        self, tenant_id: str, text: str | bytes, *, log_id: str | None = None
    ) -> requests.Response:
        # as bytes, because http.client would encode a string as Latin-1
        headers: dict[str, str | bytes] = {
            "Content-Type": "text/plain",
            "X-Tenant-ID": _bytes(tenant_id),
        }
        if log_id is not None:
            headers["X-Log-ID"] = _bytes(log_id)
        body = _bytes(text) if isinstance(text, str) else text
        return self.request("POST", "/ingest", body, headers)


def _bytes(text: str) -> bytes:
    """Bytes of a command line that are not UTF-8 are sent unchanged: the API refuses them."""
    return text.encode(errors="surrogateescape")
