"""The command `localstack-serverless`: installs what LocalStack lacks, starts and stops it.

`cli` is the commands, `start` their longest one. An `Instance` is one LocalStack with its folder;
`runtimes` and `dynamodb` install what instances share. Nothing here imports LocalStack, which takes
seconds to load: it runs as a process.
"""
