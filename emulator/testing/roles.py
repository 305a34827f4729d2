"""The functions' execution role."""

import json
from contextlib import ExitStack

from .target import Target, unique_name

TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}
POLICIES = ("AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole")
SEND = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:*:*:conformance-*",
    },
}


def create_role(aws: Target, cleanup: ExitStack) -> str:
    """The ARN of a role that may write logs, read queues and send to the suite's queues."""
    name = unique_name()
    role = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    cleanup.callback(aws.iam.delete_role, RoleName=name)
    for policy in POLICIES:
        arn = f"arn:aws:iam::aws:policy/service-role/{policy}"
        aws.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        cleanup.callback(aws.iam.detach_role_policy, RoleName=name, PolicyArn=arn)
    inline = {"RoleName": name, "PolicyName": "send"}
    aws.iam.put_role_policy(**inline, PolicyDocument=json.dumps(SEND))
    cleanup.callback(aws.iam.delete_role_policy, **inline)
    return str(role["Role"]["Arn"])
