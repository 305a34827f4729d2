"""Strict JSON: whatever another parser could read differently is an error."""

import json
from typing import NoReturn

from pipeline.errors import InvalidInputError


def loads_object(text: str) -> dict[str, object]:
    """
    :raises InvalidInputError: the text is not JSON or not an object, has a duplicate name, NaN or
        Infinity, is nested too deeply, or has a number that is too long for Python
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InvalidInputError(
            f"Not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise InvalidInputError("Not acceptable JSON: nested too deeply") from None
    except ValueError:
        # int() refuses strings of more than sys.get_int_max_str_digits() digits
        raise InvalidInputError("Not acceptable JSON: a number has too many digits") from None
    if not isinstance(value, dict):
        raise InvalidInputError("The JSON must be an object")
    return value


def dumps(value: dict[str, object]) -> str:
    """Compact JSON in raw UTF-8, with only characters that SQS accepts.

    SQS refuses U+FFFE, U+FFFF and most control characters; JSON always escapes the latter.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        duplicate = next(name for name in names if names.count(name) > 1)
        raise InvalidInputError(f"The name {duplicate[:64]!r} appears twice in one JSON object")
    return result


def _refuse_constant(constant: str) -> NoReturn:
    raise InvalidInputError(f"Not JSON: {constant} is not a JSON number")
