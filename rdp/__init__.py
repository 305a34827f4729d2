"""The command `rdp`, and everything that talks to a deployed stack, local or AWS.

Imports point down this list, never up; `make lint` checks it:

cli         the command line: options, output, exit statuses
chaos       break a running stack on purpose, and check that nothing is lost
bench       measure a running stack
load        a steady load of many tenants
ledger      what clients sent, compared with what the stack holds
stack       one module for each service: API, queue, records, dead letters, functions, logs
deployment  which stack: its Terraform outputs and its AWS clients
target      names of stacks and of their parts
checkout    what this checkout knows about its own LocalStack: port, runtime, locks
waiting     wait for a state, with a deadline
parsing     JSON that others wrote
capacity    what the pipeline can take and what it costs: a model that needs no stack
"""
