"""The table of processed logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient

    from pipeline.aws import Patience
    from pipeline.contract import Message

# Of all messages with the same tenant and log id, the one that the API received last wins, whatever
# the order in which they are stored. Two of the same microsecond are ordered by their request ids.
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
                Item={
                    "tenant_id": {"S": message.tenant_id},
                    "log_id": {"S": message.log_id},
                    "source": {"S": message.source},
                    "original_text": {"S": message.text},
                    "modified_data": {"S": record.modified_data},
                    "processed_at": {"S": record.processed_at},
                    "received_at": {"S": message.received_at},
                    "request_id": {"S": message.request_id},
                    "worker_id": {"S": record.worker_id},
                    "attempt": {"N": str(record.attempt)},
                },
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


def dynamodb_client(session: Session, patience: Patience) -> DynamoDBClient:
    return cast("DynamoDBClient", session.create_client("dynamodb", config=patience.config()))
