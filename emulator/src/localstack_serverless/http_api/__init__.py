"""API Gateway HTTP APIs: the control plane, and the data plane that serves them."""
