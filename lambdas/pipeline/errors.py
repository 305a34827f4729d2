"""Errors about a message. None of their texts quotes a log's text."""


class PipelineError(Exception):
    """Its text is safe to log and to send to a client."""


class TransientError(PipelineError):
    """The next attempt may succeed."""


class PermanentError(PipelineError):
    """No attempt can succeed."""


class InvalidInputError(PermanentError):
    """The input breaks the contract."""


class TooLargeError(InvalidInputError):
    """The input is well formed, but larger than the pipeline can process or store."""
