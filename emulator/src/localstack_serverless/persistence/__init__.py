"""State that survives LocalStack: with PERSISTENCE=1, below its `state` folder.

Each service's resources are saved in a snapshot within a second of a change (`saver`). Messages of
queues are written to a journal before the caller gets the response (`messages`). Objects of S3,
items of DynamoDB and metrics of CloudWatch are in files that are written on every change. `keeper`
restores all of it before the first request is served.
"""
