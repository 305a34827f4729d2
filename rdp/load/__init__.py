"""A steady load of many tenants, and what became of every log.

client.py  one client, as Locust runs it
run.py     the load
account.py the balance: what was accepted against what is stored
"""
