"""State that survives LocalStack: with PERSISTENCE=1, below its `state` folder.

Each service's resources are a snapshot, written within a second of a change (`saver`). The messages
of queues are a journal, written before the caller has its answer (`messages`). Objects of S3, items
of DynamoDB and CloudWatch's metrics are files that are written as they change. `keeper` puts it all
back before the first request is served.
"""
