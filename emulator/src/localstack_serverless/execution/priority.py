"""How execution environments share the machine with the services that they call.

On AWS each has a share of CPU of its own. Here a hundred of them would leave LocalStack and its
DynamoDB a hundredth each: calls time out, are tried again, and the backlog only grows. So they
yield to these, and those that event source mappings start yield to those that a client waits for.
"""

from contextvars import ContextVar

BY_CLIENT, BY_MAPPING = 10, 19

# nice value of the environments that this thread starts
NICENESS = ContextVar("niceness", default=BY_CLIENT)
