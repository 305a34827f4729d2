"""Fixtures, and builders of resources in AWS, for the conformance suite and the live tests."""
