"""SQS event source mappings that run batches side by side, as Lambda's pollers do.

Stock LocalStack receives a batch, waits for the function, and only then receives the next. Here
each mapping receives while its earlier batches are being processed.
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""
