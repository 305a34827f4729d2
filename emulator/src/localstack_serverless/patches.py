"""Every attribute of LocalStack, moto, rolo and Twisted that the plugin replaces, in one table.

There are three groups, as LocalStack starts in steps. Within a group, order only matters for rows
with the same attribute: the last one is called first. No such rows depend on their order today.
`tests/unit/test_patches.py` compares the signature of each attribute with the one that the plugin
was written for.
"""

from pathlib import Path

from localstack.aws.serving.twisted import TLSMultiplexer
from localstack.runtime.server.twisted import TwistedRuntimeServer
from localstack.services.dynamodb.server import DynamodbServer
from localstack.services.lambda_.event_source_mapping import esm_worker_factory
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker
from localstack.services.lambda_.event_source_mapping.esm_worker_factory import EsmWorkerFactory
from localstack.services.lambda_.invocation import execution_environment, version_manager
from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.lambda_service import LambdaService
from localstack.services.lambda_.invocation.logs import LogHandler
from localstack.services.lambda_.provider import LambdaProvider
from localstack.services.s3 import provider as s3_provider
from localstack.services.sqs.models import FifoQueue, SqsQueue, StandardQueue
from localstack.services.sqs.provider import (
    CloudwatchDispatcher,
    MessageMoveTaskManager,
    SqsProvider,
)
from moto.logs.models import LogsBackend
from rolo.serving import twisted as rolo_twisted
from twisted.web import http as twisted_http

from . import host_mode
from .chaos import deliveries
from .cloudwatch import logs, metrics
from .event_source import validation, workers
from .event_source.poller import ConcurrentSqsPoller
from .execution import functions
from .execution import limits as lambda_limits
from .execution.timers import SharedTimer
from .gateway import lost_responses, server
from .http_api.server import HttpApiServer
from .patching import Patch, Wrap
from .persistence.journaling import JournaledQueues
from .persistence.messages import MessageJournal
from .persistence.objects import KeptS3ObjectStore
from .persistence.saver import Saver
from .sqs import limits as sqs_limits
from .sqs import redrive


def start_patches(http_apis: HttpApiServer) -> list[Patch]:
    """Applied before services are loaded, which read some of the attributes only then."""
    return [*_gateway(http_apis), *_SQS, *_LAMBDA, *_EVENT_SOURCE_MAPPINGS, *_HOST_MODE]


def object_patches(folder: Path) -> list[Patch]:
    """Applied with PERSISTENCE=1, before S3 is loaded, which then creates its store."""

    def kept_store(_root: str) -> KeptS3ObjectStore:
        return KeptS3ObjectStore(str(folder))

    return [Patch(s3_provider, "EphemeralS3ObjectStore", kept_store, "objects survive LocalStack")]


def state_patches(journal: MessageJournal, saver: Saver) -> list[Patch]:
    """Applied with PERSISTENCE=1, after kept state was restored: what is restored is in the journal
    already."""
    queues = JournaledQueues(journal)
    why = "messages survive LocalStack"
    return [
        Wrap(SqsQueue, "__init__", queues.init, why),
        Wrap(SqsQueue, "clear", queues.clear, why),
        Wrap(SqsQueue, "remove", queues.remove, why),
        Wrap(SqsQueue, "update_visibility_timeout", queues.update_visibility_timeout, why),
        Wrap(StandardQueue, "put", queues.put, why),
        Wrap(StandardQueue, "receive", queues.receive, why),
        Wrap(FifoQueue, "put", queues.put, why),
        Wrap(FifoQueue, "receive", queues.receive, why),
        Wrap(
            LogsBackend,
            "put_log_events",
            saver.put_log_events,
            "functions' log events do not pass the gateway, where the saver notices changes",
        ),
    ]


def _gateway(http_apis: HttpApiServer) -> list[Patch]:
    return [
        Patch(
            TwistedRuntimeServer,
            "register",
            server.listen_at_each_address,
            "LocalStack listens at the ports of GATEWAY_LISTEN on every IPv4 interface",
        ),
        Patch(
            twisted_http,
            "_parseContentType",
            server.parse_content_type,
            "the email package's parser took a quarter of the reactor's time",
        ),
        Wrap(
            rolo_twisted,
            "update_wsgi_environment",
            lost_responses.keep_twisted_request,
            "a lost response closes the connection of its request",
        ),
        Wrap(
            TLSMultiplexer,
            "dataReceived",
            http_apis.data_received,
            "HTTP APIs are served without LocalStack's gateway, which takes most of the time",
        ),
    ]


_SQS: list[Patch] = [
    Wrap(StandardQueue, "put", deliveries.put_late, "faults of deliveries"),
    Wrap(StandardQueue, "receive", deliveries.receive_twice, "faults of deliveries"),
    Wrap(StandardQueue, "_put_message", deliveries.drop_spent_copy, "faults of deliveries"),
    Wrap(StandardQueue, "put", redrive.put_as_new, "a redriven message is a new one"),
    Wrap(FifoQueue, "put", redrive.put_in_order, "a redriven message must not be lost"),
    Wrap(MessageMoveTaskManager, "_run", redrive.run, "a redriven message is a new one"),
    Wrap(
        MessageMoveTaskManager,
        "_get_queue_by_arn",
        redrive.queue_by_arn,
        "LocalStack names a Python exception as the reason of a failed redrive",
    ),
    Wrap(SqsProvider, "start_message_move_task", redrive.start, "the limits of a redrive's rate"),
    Wrap(SqsProvider, "_put_message", sqs_limits.put_message, "the limit of delays"),
    Wrap(
        SqsQueue,
        "update_visibility_timeout",
        sqs_limits.update_visibility,
        "the limit of visibility timeouts, and only for messages in flight",
    ),
    Wrap(
        StandardQueue,
        "validate_queue_attributes",
        sqs_limits.validate_attributes,
        "a dead-letter queue must be of its source's type",
    ),
    Wrap(
        FifoQueue,
        "validate_queue_attributes",
        sqs_limits.validate_attributes,
        "a dead-letter queue must be of its source's type",
    ),
    Patch(
        CloudwatchDispatcher,
        "dispatch_sqs_metric",
        metrics.add_sqs_metric,
        "LocalStack calls PutMetricData for every message",
    ),
]

_LAMBDA: list[Patch] = [
    Wrap(LambdaProvider, "invoke", lambda_limits.invoke, "limits of the payload"),
    Wrap(
        LambdaProvider,
        "create_function",
        lambda_limits.create_function,
        "ranges of timeout and memory size, reserved variables",
    ),
    Wrap(
        LambdaProvider,
        "update_function_configuration",
        lambda_limits.update_function,
        "ranges of timeout and memory size, reserved variables",
    ),
    Wrap(
        AssignmentService,
        "__init__",
        functions.init_assignment_service,
        "an invocation fails if another one adds an environment while it iterates over them",
    ),
    Wrap(
        LambdaService,
        "stop_version",
        functions.stop_version,
        "a function in state Failed cannot be deleted, as it has nothing to stop",
    ),
    Wrap(
        ExecutionEnvironment,
        "get_log_group_name",
        functions.get_log_group_name,
        "LocalStack ignores the log group of the function's logging configuration",
    ),
    Wrap(
        ExecutionEnvironment,
        "invoke",
        functions.invoke,
        "LocalStack does not pass the client context to the executor",
    ),
    Patch(
        execution_environment,
        "Timer",
        SharedTimer,
        "LocalStack starts a thread at the end of every invocation",
    ),
    Patch(
        LogHandler,
        "start_subscriber",
        logs.start_no_subscriber,
        "LocalStack has a thread for the logs of each function version",
    ),
    Patch(
        LogHandler,
        "add_logs",
        logs.add_logs,
        "LocalStack has a thread for the logs of each function version",
    ),
    Patch(
        version_manager,
        "record_cw_metric_invocation",
        metrics.add_invocation,
        "LocalStack calls PutMetricData for every invocation",
    ),
    Patch(
        version_manager,
        "record_cw_metric_error",
        metrics.add_failed_invocation,
        "LocalStack calls PutMetricData for every invocation",
    ),
    Wrap(
        version_manager,
        "start_thread",
        metrics.start_thread_if_needed,
        "LocalStack starts a thread for the metrics of every invocation",
    ),
]

_EVENT_SOURCE_MAPPINGS: list[Patch] = [
    Patch(
        esm_worker_factory,
        "SqsPoller",
        ConcurrentSqsPoller,
        "LocalStack's poller processes one batch at a time",
    ),
    Wrap(
        EsmWorkerFactory,
        "get_esm_worker",
        workers.configure_poller,
        "LocalStack passes its poller only some of the mapping's settings",
    ),
    Wrap(
        LambdaProvider,
        "validate_event_source_mapping",
        validation.validate_mapping,
        "ranges of the settings, and settings that do not suit the queue",
    ),
    Wrap(
        EsmWorker,
        "stop",
        workers.end_after_poll,
        "a mapping in state Disabled must not receive messages",
    ),
    Wrap(
        EsmWorker, "delete", workers.end_after_poll, "a deleted mapping must not receive messages"
    ),
]

_HOST_MODE: list[Patch] = [
    Patch(
        s3_provider,
        "DEFAULT_S3_TMP_DIR",
        host_mode.s3_temporary_folder(),
        "the fixed folder below /tmp belongs to the user who used it first",
    ),
    Wrap(
        DynamodbServer,
        "_create_shell_command",
        host_mode.dynamodb_command,
        "DynamoDB Local without root and downloads, and not outliving LocalStack",
    ),
]
