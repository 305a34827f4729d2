"""A steady load of many tenants.

client.py       one client, run by Locust
run.py          the load
observation.py  how it went, for `rdp capacity --check`
"""
