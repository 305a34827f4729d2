"""CPU priorities of execution environments.

On AWS each environment has its own share of CPU. Here a hundred of them would leave LocalStack and
DynamoDB Local a hundredth of the machine each: calls time out and are retried, and the backlog
grows. So environments have a lower priority than LocalStack, and those that event source mappings
start have a lower priority than those that a client waits for.
"""

from contextvars import ContextVar

BY_CLIENT, BY_MAPPING = 10, 19

# the nice value of environments that the current thread starts
NICENESS = ContextVar("niceness", default=BY_CLIENT)
