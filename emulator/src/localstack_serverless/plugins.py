"""The plugins and hooks that LocalStack loads; pyproject.toml lists them as entry points."""

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


# before services are loaded eagerly
@hooks.on_infra_start(priority=10)
def patch_services() -> None:
    from localstack.aws import handlers

    from . import patches, patching
    from .chaos import api, calls
    from .gateway import lost_responses
    from .http_api.data_plane import DataPlane
    from .http_api.gateway_handler import HttpApiHandler
    from .http_api.server import HttpApiServer

    data_plane = DataPlane()
    patching.apply(patches.start_patches(HttpApiServer(data_plane)))
    # before the gateway parses the request as one to an AWS service, and before its own CORS
    handlers.preprocess_request.append(HttpApiHandler(data_plane))
    handlers.serve_custom_service_request_handlers.append(calls.meet_faults)
    handlers.run_custom_finalizers.append(lost_responses.close_connection)
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


# before services are loaded eagerly, and after `patch_services`
@hooks.on_infra_start(priority=5, should_load=_is_persistent)
def load_state() -> None:
    from . import patches, patching

    keeper = _state_keeper()
    keeper.load()
    patching.apply(patches.object_patches(keeper.objects_folder))


def _loads_dynamodb_eagerly() -> bool:
    return bool(config.EAGER_SERVICE_LOADING) and "dynamodb" in get_preloaded_services()


# after its state was loaded; in a thread, as its JVM takes as long as all other services together
@hooks.on_infra_start(priority=1, should_load=_loads_dynamodb_eagerly)
def start_dynamodb() -> None:
    start = partial(SERVICE_PLUGINS.require, "dynamodb")
    threading.Thread(target=start, name="start-dynamodb", daemon=True).start()


# after services were loaded eagerly
@hooks.on_infra_start(priority=-10, should_load=_is_persistent)
def restore_state() -> None:
    from . import patches, patching

    journal, saver = _state_keeper().restore()
    patching.apply(patches.state_patches(journal, saver))


@hooks.on_infra_ready(should_load=_is_persistent)
def resume_services() -> None:
    _state_keeper().resume()


# last, when everything is loaded
@hooks.on_infra_ready(priority=-100)
def settle_garbage_collection() -> None:
    from .garbage import settle

    settle()


# before anything is stopped
@hooks.on_infra_shutdown(priority=100, should_load=_is_persistent)
def save_state() -> None:
    _state_keeper().save()
