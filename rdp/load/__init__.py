"""A steady load of many tenants, and what became of every log.

client.py  one client, as Locust runs it
run.py     the load
"""
