"""What can go wrong with a message. Every text here is ours: none quotes a log's text."""


class PipelineError(Exception):
    """Its message is safe to log and to show."""


class TransientError(PipelineError):
    """The next attempt may succeed."""


class PermanentError(PipelineError):
    """No attempt can succeed."""


class InvalidInputError(PermanentError):
    """The input breaks the contract."""


class TooLargeError(InvalidInputError):
    """Well formed, but more than the pipeline can process or store."""


class UnsupportedMediaTypeError(InvalidInputError):
    """Neither JSON nor plain text in UTF-8."""
