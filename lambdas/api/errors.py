"""Errors that only the API raises. responses.py maps them to HTTP statuses."""

from pipeline.errors import InvalidInputError, PipelineError


class NotFoundError(PipelineError):
    """The path does not exist."""


class MethodNotAllowedError(PipelineError):
    """The path does not take this method."""

    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message)
        self.allowed = allowed


class UnsupportedMediaTypeError(InvalidInputError):
    """The content type is neither JSON nor plain text, or the charset is not UTF-8."""


class BacklogError(PipelineError):
    """The queue holds more than the workers can drain in time."""


class IngestError(PipelineError):
    """A log that breaks no rule was not accepted. It may be in the queue all the same: only if the
    client sends it again under this id, it stays one log."""

    def __init__(self, message: str, log_id: str) -> None:
        super().__init__(message)
        self.log_id = log_id


class PublishError(IngestError):
    """SQS did not confirm the message."""
