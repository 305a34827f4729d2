from .deploying import api_of, clients, deploy, http_api, queue_of
from .mapping import connect

__all__ = ["api_of", "clients", "connect", "deploy", "http_api", "queue_of"]
