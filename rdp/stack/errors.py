"""What can go wrong between this program and a stack."""

import requests
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError


class StackError(Exception):
    """The stack answered, but did not do what was asked, or holds something unexpected."""


CALL_ERRORS = (BotoCoreError, ClientError, ResponseParserError, requests.RequestException)
"""A call to AWS or to the API failed: no answer, an error, or an answer that AWS would not give."""
