"""SQS event source mappings.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import json
import time

from .deploying import Clients, Deploy, wait_until
from .mapping import Connect, QueueOf, receive, wait_for_state

# Writes what it got to the queue that OUT names.
FORWARD = """
import boto3, json, os
def handler(event, context):
    sqs = boto3.client("sqs")
    failed = []
    for record in event["Records"]:
        if record["body"] == "fail":
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(record))
    return {"batchItemFailures": failed}
"""


def test_body_arrives_byte_for_byte(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="30"), queue_of()
    connect(arn, deploy(FORWARD, timeout=20, OUT=out))
    body = '{ "b":1,\t"a" : 1.0, "é": "\\u00e9" }'
    clients.sqs.send_message(
        QueueUrl=url,
        MessageBody=body,
        MessageAttributes={"Mine": {"DataType": "String", "StringValue": "v"}},
    )
    record = json.loads(receive(clients, out, 1)[0]["Body"])
    assert record["body"] == body
    assert record["messageAttributes"]["Mine"]["stringValue"] == "v"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", arn)


def test_only_the_failed_items_of_a_batch_come_back(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (out, _), (dlq, dlq_arn) = queue_of(), queue_of()
    redrive = json.dumps({"deadLetterTargetArn": dlq_arn, "maxReceiveCount": "2"})
    url, arn = queue_of(VisibilityTimeout="1", RedrivePolicy=redrive)
    connect(
        arn,
        deploy(FORWARD, timeout=1, OUT=out),
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    for body in ("one", "fail", "two"):
        clients.sqs.send_message(QueueUrl=url, MessageBody=body)
    forwarded = [json.loads(message["Body"])["body"] for message in receive(clients, out, 2)]
    dead = receive(clients, dlq, 1)
    assert sorted(forwarded) == ["one", "two"]
    assert [message["Body"] for message in dead] == ["fail"]


def test_batches_run_side_by_side_up_to_the_maximum_concurrency(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="60"), queue_of()
    code = """
    import boto3, json, os, time
    sqs = boto3.client("sqs")
    def handler(event, context):
        began = time.time()
        time.sleep(1)
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps([began, time.time()]))
    """
    connect(
        arn,
        deploy(code, timeout=30, OUT=out),
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": 4},
    )
    for number in range(12):
        clients.sqs.send_message(QueueUrl=url, MessageBody=str(number))
    spans = [json.loads(message["Body"]) for message in receive(clients, out, 12, 60)]
    most = max(sum(begin <= at < end for begin, end in spans) for at, _ in spans)
    assert most == 4


def test_disabled_mapping_leaves_messages_in_the_queue(
    clients: Clients, deploy: Deploy, queue_of: QueueOf, connect: Connect
) -> None:
    (url, arn), (out, _) = queue_of(VisibilityTimeout="30"), queue_of()
    mapping = connect(arn, deploy(FORWARD, timeout=20, OUT=out))
    clients.lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
    wait_for_state(clients, mapping, "Disabled")
    clients.sqs.send_message(QueueUrl=url, MessageBody="held")
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        answer = clients.sqs.receive_message(QueueUrl=out, WaitTimeSeconds=1)
        assert "Messages" not in answer
    clients.lambda_.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert json.loads(receive(clients, out, 1)[0]["Body"])["body"] == "held"


def test_redriven_message_starts_anew(clients: Clients, queue_of: QueueOf) -> None:
    dlq, dlq_arn = queue_of()
    redrive = json.dumps({"deadLetterTargetArn": dlq_arn, "maxReceiveCount": "1"})
    url, _ = queue_of(VisibilityTimeout="0", RedrivePolicy=redrive)
    clients.sqs.send_message(QueueUrl=url, MessageBody="again")
    receive(clients, url, 1)
    wait_until(
        lambda: (
            clients.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
            and int(
                clients.sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["All"])[
                    "Attributes"
                ]["ApproximateNumberOfMessages"]
            )
        )
    )
    clients.sqs.start_message_move_task(SourceArn=dlq_arn)
    [again] = receive(clients, url, 1, MessageSystemAttributeNames=["ApproximateReceiveCount"])
    assert again["Attributes"] == {"ApproximateReceiveCount": "1"}
