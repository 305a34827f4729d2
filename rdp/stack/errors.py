class StackError(Exception):
    """An AWS call was answered, but not with what it was asked for."""
