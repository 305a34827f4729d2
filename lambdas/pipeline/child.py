"""The child of pipeline/isolation.py: a job as JSON on stdin, its outcome as JSON on stdout."""

import json
import sys

from pipeline.errors import PermanentError, TransientError
from pipeline.faults import Fault
from pipeline.processing import Job, process


def main() -> None:
    text, seconds, fault = json.load(sys.stdin)
    job = Job(text, seconds, fault and Fault(*fault))
    json.dump(_outcome(job), sys.stdout)


def _outcome(job: Job) -> dict[str, str]:
    try:
        return {"modified": process(job)}
    except PermanentError as error:
        return {"permanent": str(error)}
    except TransientError as error:
        return {"transient": str(error)}


if __name__ == "__main__":
    main()
