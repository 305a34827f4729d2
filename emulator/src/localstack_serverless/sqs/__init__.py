"""Where LocalStack's SQS differs from AWS's."""
