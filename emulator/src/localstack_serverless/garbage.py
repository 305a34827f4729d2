"""Garbage collection for a process that holds a gigabyte of modules and models for good."""

import gc

# Objects made before a collection looks for cycles among the youngest; collections of one
# generation before the next one's.
THRESHOLDS = (20_000, 20, 50)


def settle() -> None:
    """Leave what is loaded now out of every later collection: it took a quarter of the time of
    requests to look through all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
