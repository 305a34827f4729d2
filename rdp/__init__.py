"""The command `rdp`, and everything that talks to a deployed stack, local or AWS.

Imports point down this list, never up; `make lint` checks it:

cli         the command line: options, output, exit statuses
chaos       break a running stack on purpose, and judge what is left
bench       measure a running stack
load        a steady load of many tenants, and what became of each log
ledger      what clients sent, compared with what the stack holds
stack       one module a service: API, queue, records, dead letters, functions, logs, health
deployment  which stack: its Terraform outputs and its AWS clients
checkout    what this checkout knows of its own LocalStack: port, runtime, locks
waiting     wait for a state, with a deadline
"""
