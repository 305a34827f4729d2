"""Errors about a message. None of their texts quotes a log's text."""


class PipelineError(Exception):
    """Its text is safe to log and to send to a client."""


class TransientError(PipelineError):
    """The next attempt may succeed."""


class CrashError(TransientError):
    """The processing ended its process, or needed too much memory. If it happens on every attempt,
    it is the message's fault."""


class PermanentError(PipelineError):
    """No attempt can succeed."""


class InvalidInputError(PermanentError):
    """The input breaks the contract."""


class TooLargeError(InvalidInputError):
    """The input is well formed, but larger than the pipeline can process or store."""
