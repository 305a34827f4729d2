"""Fault injection: LocalStack's Chaos API, and faults beyond it.

https://docs.localstack.cloud/aws/capabilities/chaos-engineering/chaos-api/
"""
