"""What the pipeline can take, how long a log waits, and what it costs: a model, without a stack.

workload.py    what clients send: logs a second, of which lengths
settings.py    how the stack is configured, with Terraform's defaults
measured.py    what was measured of the functions: sizes, CPU time, memory
batches.py     how an event source mapping forms batches
lane.py        one lane: throughput, latency, backlog
bill.py        dollars, line by line
prices.py      AWS's list prices
quotas.py      AWS's quotas, and which breaks first
comparison.py  the model compared with a run of `rdp load`

docs/capacity.md explains it, with the sources.
"""
