"""One running stack, through its public interfaces: one module for each service.

Nothing here knows pytest or a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdp.stack.api import Api
from rdp.stack.dead_letters import DeadLetter, DeadLetters
from rdp.stack.errors import StackError
from rdp.stack.failures import Failure, Failures, Kind
from rdp.stack.functions import Functions
from rdp.stack.logs import LogLine, Logs
from rdp.stack.messages import Envelope, Fault, QueueMessage
from rdp.stack.queue import QueueCounts, Queues
from rdp.stack.records import LogKey, Record, Records
from rdp.target import Part

if TYPE_CHECKING:
    from rdp.deployment import Deployment

__all__ = [
    "DeadLetter",
    "Envelope",
    "Failure",
    "Failures",
    "Fault",
    "Kind",
    "LogKey",
    "LogLine",
    "Part",
    "QueueCounts",
    "QueueMessage",
    "Record",
    "Stack",
    "StackError",
]


class Stack:
    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.target = deployment.target
        self.api = Api(deployment)
        self.queues = Queues(deployment)
        self.dead_letters = DeadLetters(deployment)
        self.records = Records(deployment)
        self.functions = Functions(deployment)
        self.logs = Logs(deployment)

    @property
    def max_text_chars(self) -> int:
        """The longest text of one log, as deployed."""
        return self.deployment.outputs.max_text_chars
