import json
import os
from typing import Any

import boto3

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    TABLE.put_item(Item={"id": context.aws_request_id, "text": event["body"]})
    return {"statusCode": 201, "body": json.dumps({"id": context.aws_request_id})}
