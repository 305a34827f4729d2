"""LocalStack's gateway: the HTTP server in front of it, and what happens to its connections."""
