from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from moto.apigatewayv2.models import Api, apigatewayv2_backends

from ..builders import ApiMaker


@pytest.fixture
def make_api() -> Iterator[ApiMaker]:
    """make_api("GET /pets", cors={...}, **settings of its $default stage): a moto API."""
    backend = apigatewayv2_backends["000000000000"]["us-east-1"]
    with ExitStack() as cleanup:

        def make(*route_keys: str, cors: Any = None, **stage: Any) -> Api:
            api = backend.create_api(
                api_key_selection_expression="",
                cors_configuration=cors,
                description="",
                disable_schema_validation="",
                disable_execute_api_endpoint="",
                name="test",
                protocol_type="HTTP",
                route_selection_expression="",
                tags={},
                version="",
            )
            cleanup.callback(backend.delete_api, api.api_id)
            for key in route_keys:
                api.create_route(False, [], key, target="integrations/none")
            backend.create_stage(api.api_id, {"stageName": "$default", **stage})
            return api

        yield make
