"""The table of processed logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from pipeline.aws import Patience

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from pipeline.contract import Message

# A write that is slower fails, and the queue retries it. With less patience a table that is only
# slow would get more load.
_PATIENCE = Patience(attempts=2, read_seconds=5)
LONGEST_PUT_SECONDS = _PATIENCE.longest_seconds

# Of all messages with the same tenant and log id, the one that the API received last wins, whatever
# the order in which they are stored. The gateway's clock counts milliseconds. Within one of them
# the request ids decide: an arbitrary order, but the same for every worker.
_RECEIVED_LATER = (
    "attribute_not_exists(tenant_id)"
    " OR received_at < :received_at"
    " OR (received_at = :received_at AND request_id < :request_id)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    message: Message
    modified_data: str
    processed_at: str
    worker_id: str
    attempt: int
    original_text: str | None
    """None: it is not kept."""
    expires_at: int | None
    """Seconds since the epoch, after which DynamoDB deletes the record. None: never."""

    def to_item(self) -> dict[str, AttributeValueTypeDef]:
        strings = {
            "tenant_id": self.message.tenant_id,
            "log_id": self.message.log_id,
            "source": self.message.source,
            "original_text": self.original_text,
            "modified_data": self.modified_data,
            "processed_at": self.processed_at,
            "received_at": self.message.received_at,
            "request_id": self.message.request_id,
            "worker_id": self.worker_id,
        }
        numbers = {"attempt": self.attempt, "expires_at": self.expires_at}
        return {
            **{name: {"S": text} for name, text in strings.items() if text is not None},
            **{name: {"N": str(number)} for name, number in numbers.items() if number is not None},
        }


@dataclass(frozen=True, slots=True)
class Store:
    client: DynamoDBClient
    table_name: str

    def put(self, record: Record) -> bool:
        """Returns False where the table already holds this record or a later one of the same log.

        :raises BotoCoreError, ClientError: the record was not stored
        """
        message = record.message
        try:
            self.client.put_item(
                TableName=self.table_name,
                Item=record.to_item(),
                ConditionExpression=_RECEIVED_LATER,
                ExpressionAttributeValues={
                    ":received_at": {"S": message.received_at},
                    ":request_id": {"S": message.request_id},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def dynamodb_client(session: Session) -> DynamoDBClient:
    return cast("DynamoDBClient", session.create_client("dynamodb", config=_PATIENCE.config()))
