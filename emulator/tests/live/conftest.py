from .deploying import api_of, clients, deploy, http_api, queue_of

__all__ = ["api_of", "clients", "deploy", "http_api", "queue_of"]
