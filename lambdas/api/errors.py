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


class PublishError(PipelineError):
    """SQS did not confirm the message. It may be in the queue all the same."""
