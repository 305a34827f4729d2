"""Pickles services' resources: locks are restored unlocked, queues without messages, and log
streams without events.

pickle is written in C and holds the interpreter lock while it runs. The dill of localstack.state
takes fifteen times as long, and other threads change the objects meanwhile.
"""

import copyreg
import io
import pickle
import threading
from typing import Any

from localstack.services.sqs.models import FifoQueue, SqsQueue, StandardQueue
from moto.logs.models import LogStream

# attributes of a queue: its messages, which are in the journal, and its lock
_NOT_OF_THE_SNAPSHOT = (
    "delayed",
    "inflight",
    "receipts",
    "visible",
    "deduplication",
    "message_groups",
    "inflight_groups",
    "message_group_queue",
    "mutex",
)


def _reduce_queue(queue: SqsQueue) -> tuple[Any, ...]:
    state = {name: value for name, value in vars(queue).items() if name not in _NOT_OF_THE_SNAPSHOT}
    return type(queue), (queue.name, queue.region, queue.account_id), state


def _reduce_log_stream(stream: LogStream) -> tuple[Any, ...]:
    # its events are in the journal
    return object.__new__, (LogStream,), {**vars(stream), "events": []}


class _Pickler(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table | {
        type(threading.Lock()): lambda _: (threading.Lock, ()),
        type(threading.RLock()): lambda _: (threading.RLock, ()),
        threading.Event: lambda _: (threading.Event, ()),
        StandardQueue: _reduce_queue,
        FifoQueue: _reduce_queue,
        LogStream: _reduce_log_stream,
    }


def dumps(state: Any) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer).dump(state)
    return buffer.getvalue()
