"""Restores kept state when LocalStack starts, and keeps it from then on."""

import logging
import shutil
import threading
import uuid
from pathlib import Path
from typing import Any

from localstack import config
from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.http import Request, Resource
from localstack.services.cloudwatch.models import cloudwatch_stores
from localstack.services.internal import get_internal_apis
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.services.sqs.models import MessageMoveTaskStatus, sqs_stores
from localstack.utils.functions import call_safe

from .. import services
from . import files, log_events, messages, queues, snapshot, tables
from .files import StateRefusedError
from .log_events import LogEventJournal
from .messages import MessageJournal
from .queues import Messages
from .saver import Saver
from .snapshot import Containers

LOG = logging.getLogger(__name__)

PATH = "/_localstack/state"

# Hooks that are not called: DynamoDB's would restart DynamoDB Local, which has its files open
# already; CloudWatch's asks every region for its alarms.
_HOOKLESS = ("cloudwatch", "dynamodb")


class StateKeeper:
    """`load`, `restore` and `resume` in this order when LocalStack starts, `save` when it ends."""

    def __init__(self) -> None:
        self._root = Path(config.dirs.data)
        self._folder = self._root / "serverless"
        self._journal_path = self._folder / "messages.journal"
        self._events_path = self._folder / "log-events.journal"
        self._kept: dict[str, Containers] = {}
        self._kept_messages: dict[str, Messages] = {}
        self._kept_events: list[log_events.Events] = []
        self._refused: str | None = None
        self._resumed = threading.Event()
        self._messages: MessageJournal | None = None
        self._events: LogEventJournal | None = None
        self._saver: Saver | None = None

    def load(self) -> None:
        """Read the kept state, or remove all of it. Must come before services open their files."""
        try:
            self._read()
        except StateRefusedError as error:
            self._refused = str(error)
            LOG.warning("kept state is refused, and LocalStack starts without any: %s", error)
            self._forget()
        self._folder.mkdir(parents=True, exist_ok=True)
        # it holds message bodies
        self._root.chmod(0o700)
        self._id_path.touch()
        if not self._id_path.read_text():
            self._id_path.write_text(str(uuid.uuid4()))

    def restore(self) -> tuple[MessageJournal, Saver]:
        """Fill the services' containers. Must come before the gateway serves requests.

        Returns what must be told of changes from now on (see patches.py).
        """
        for service, containers in self._kept.items():
            snapshot.restore(service, containers)
        log_events.restore(self._kept_events)
        _drop_internal_queues()
        _fail_message_move_tasks()
        message_journal = MessageJournal(self._journal_path, queues.restore(self._kept_messages))
        self._messages = message_journal
        self._events = event_journal = LogEventJournal(self._events_path)
        self._saver = Saver(self._folder, event_journal.save, lambda: self._tidy(message_journal))
        handlers.preprocess_request.handlers.insert(0, self._wait_until_resumed)
        handlers.run_custom_response_handlers.append(self._saver.mark_call)
        get_internal_apis().add(Resource(PATH, self))
        return message_journal, self._saver

    def resume(self) -> None:
        """Start functions, mappings and alarms. Must come after the gateway serves requests, as
        they call services through it. Clients' requests wait until this is done."""
        try:
            for service in self._kept.keys() - _HOOKLESS:
                call_safe(SERVICE_PLUGINS.require(service).lifecycle_hook.on_after_state_load)
            call_safe(_schedule_alarms)
        finally:
            self._kept.clear()
            self._kept_messages.clear()
            self._kept_events.clear()
            self._resumed.set()
        if self._saver:
            self._saver.start()

    def save(self) -> None:
        if self._saver:
            self._saver.stop()

    def on_get(self, _request: Request) -> dict[str, Any]:
        """The state that LocalStack runs with.

        `id` stays the same for as long as the state is kept, `refused` is why an earlier state was
        not used, and `problem` why the present one cannot be written.
        """
        return {
            "id": self._id_path.read_text(),
            "refused": self._refused,
            "problem": self._problem(),
        }

    def _problem(self) -> str | None:
        return (
            files.why_not_writable(self._folder)
            or (self._messages and self._messages.problem)
            or (self._events and self._events.problem)
            or (self._saver and self._saver.problem)
            or None
        )

    @property
    def objects_folder(self) -> Path:
        """Where S3's objects are kept."""
        return self._root / "s3"

    @property
    def _id_path(self) -> Path:
        return self._folder / "id"

    def _read(self) -> None:
        try:
            for path in sorted(self._folder.glob(f"*{snapshot.SUFFIX}")):
                self._kept[path.stem] = snapshot.read(path)
            if self._journal_path.exists():
                self._kept_messages = messages.read(self._journal_path)
            if self._events_path.exists():
                self._kept_events = log_events.read(self._events_path)
        except StateRefusedError:
            raise
        except Exception as error:
            # unpickling can raise anything
            raise StateRefusedError(f"it cannot be read: {error!r}") from error

    def _tidy(self, message_journal: MessageJournal) -> None:
        message_journal.compact()
        tables.use_write_ahead_log(self._root / "dynamodb")

    def _forget(self) -> None:
        self._kept.clear()
        self._kept_messages.clear()
        self._kept_events.clear()
        shutil.rmtree(self._root)

    def _wait_until_resumed(self, _chain: Any, context: RequestContext, _response: Any) -> None:
        if not context.is_internal_call:
            self._resumed.wait()


def _schedule_alarms() -> None:
    for _, _, store in cloudwatch_stores.iter_stores():
        for arn in store.alarms:
            services.provider("cloudwatch").alarm_scheduler.schedule_metric_alarm(arn)


def _drop_internal_queues() -> None:
    """Queues of asynchronous invocations: every start of a function version creates new ones."""
    sqs_stores.pop(config.INTERNAL_RESOURCE_ACCOUNT, None)


def _fail_message_move_tasks() -> None:
    """Their threads ended with the last LocalStack."""
    for _, _, store in sqs_stores.iter_stores():
        for task in store.move_tasks.values():
            if task.status in (MessageMoveTaskStatus.RUNNING, MessageMoveTaskStatus.CANCELLING):
                task.status = MessageMoveTaskStatus.FAILED
                task.failure_reason = "LocalStack was restarted"
