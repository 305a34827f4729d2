"""End-to-end tests against a running stack: LocalStack or AWS, whichever TARGET names."""
