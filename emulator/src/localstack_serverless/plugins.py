"""What LocalStack loads from this package; pyproject.toml names each by its plux namespace."""

import threading
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from localstack import config
from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import SERVICE_PLUGINS, Service, aws_provider
from localstack.utils.bootstrap import get_preloaded_services

if TYPE_CHECKING:
    from .persistence.keeper import StateKeeper


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """Chosen with LAMBDA_RUNTIME_EXECUTOR=process."""

    name = "process"

    def load(self, *_args: Any, **_kwargs: Any) -> type:
        from .execution.environment import ProcessRuntimeExecutor

        return ProcessRuntimeExecutor


@aws_provider(api="apigatewayv2")
def apigatewayv2() -> Service:
    from .http_api.control_plane import create_service

    return create_service()


@hooks.on_infra_start()
def serve_http_apis() -> None:
    from localstack.aws import handlers

    from .http_api import server
    from .http_api.gateway import HttpApiGateway

    gateway = HttpApiGateway()
    handlers.preprocess_request.append(gateway)
    server.apply_patches(server.HttpApiServer(gateway))


# before services are loaded eagerly
@hooks.on_infra_start(priority=10)
def patch_services() -> None:
    from . import gateway_server, host_mode, limits, logs, metrics, redrive, timers
    from .chaos import api, deliveries
    from .chaos import gateway as chaos_gateway
    from .event_source import patches as event_source
    from .execution import functions

    for module in (
        chaos_gateway,
        deliveries,
        event_source,
        functions,
        gateway_server,
        host_mode,
        limits,
        logs,
        metrics,
        redrive,
        timers,
    ):
        module.apply_patches()
    api.add_resources()


@hooks.on_infra_shutdown()
def stop_execution_environments() -> None:
    from .execution.runtimes import RUNTIMES

    RUNTIMES.stop()


@cache
def _state_keeper() -> "StateKeeper":
    from .persistence.keeper import StateKeeper

    return StateKeeper()


def _is_persistent() -> bool:
    return bool(config.PERSISTENCE)


# before services are loaded eagerly, and after they were patched
@hooks.on_infra_start(priority=5, should_load=_is_persistent)
def load_state() -> None:
    _state_keeper().load()


def _loads_dynamodb_eagerly() -> bool:
    return bool(config.EAGER_SERVICE_LOADING) and "dynamodb" in get_preloaded_services()


# after its state was loaded; beside the other services, as its JVM takes half of the time of all
@hooks.on_infra_start(priority=1, should_load=_loads_dynamodb_eagerly)
def start_dynamodb() -> None:
    start = partial(SERVICE_PLUGINS.require, "dynamodb")
    threading.Thread(target=start, name="start-dynamodb", daemon=True).start()


# after services were loaded eagerly
@hooks.on_infra_start(priority=-10, should_load=_is_persistent)
def restore_state() -> None:
    _state_keeper().restore()


@hooks.on_infra_ready(should_load=_is_persistent)
def resume_services() -> None:
    _state_keeper().resume()


# last: with all that is loaded
@hooks.on_infra_ready(priority=-100)
def settle_garbage_collection() -> None:
    from .garbage import settle

    settle()


# before anything is stopped
@hooks.on_infra_shutdown(priority=100, should_load=_is_persistent)
def save_state() -> None:
    _state_keeper().save()
