"""The command `localstack-serverless`: installs what LocalStack lacks, starts and stops it.

`cli` is the commands, `start` their longest one. An `Instance` is one LocalStack with its folder;
`runtimes` and `dynamodb` install what instances share. Nothing here imports LocalStack, which takes
seconds to load: it runs as a process.
"""

import sys

INTERRUPTED_STATUS = 130


def main() -> None:
    try:
        from .cli import main as run  # noqa: PLC0415 - importing takes a moment, too
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED_STATUS)
    run()
