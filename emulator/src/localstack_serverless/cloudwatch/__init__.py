"""Logs and metrics, written in batches and by threads that no request waits for."""
