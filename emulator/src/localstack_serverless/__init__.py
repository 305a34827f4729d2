"""Serverless services for open-source LocalStack."""
