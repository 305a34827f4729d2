"""End-to-end tests against a running stack: LocalStack or AWS, as TARGET says."""
