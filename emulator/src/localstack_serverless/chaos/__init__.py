"""Fault injection: LocalStack's Chaos API with extensions.

https://docs.localstack.cloud/aws/capabilities/chaos-engineering/chaos-api/

This package takes rules from clients and applies those for calls through LocalStack's gateway and
for messages. Rules for what does not pass the gateway are applied where it happens: `faults` has
what `execution`, `http_api` and `event_source` need for that.
"""
