"""JSON that others wrote, which may be anything."""

import json


def json_object(text: str) -> dict[str, object] | None:
    """None if the text is not a JSON object, or one that Python cannot read."""
    try:
        value = json.loads(text)
    # ValueError: not JSON, or a number of too many digits. RecursionError: nested too deeply.
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
