"""SQS event source mappings that process batches concurrently, as on AWS.

Stock LocalStack receives a batch, waits for the function, and only then receives the next one.
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""
