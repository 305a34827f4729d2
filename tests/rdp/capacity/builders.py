"""A run of `rdp load`."""

from typing import Any

# As measured with the local stack, on two cores.
RUN: dict[str, Any] = {
    "target": "local",
    "batch_size": 50,
    "window": 1,
    "most_concurrent": 100,
    "worker_memory_mb": 256,
    "processing_seconds_per_char": 0.05,
    "characters": 50,
    "logs": 941,
    "receiving": 59.8,
    "storing": 58.9,
    "mean_latency": 3.08,
    "invocations": 57,
    "deliveries": 941,
}
