"""LocalStack's HTTP server, without work that its requests do not need."""

from functools import lru_cache

from twisted.web import http


def apply_patches() -> None:
    # Twisted runs every request's Content-Type through the email package's parser, a quarter of
    # the reactor's time; there are only a few different ones.
    http._parseContentType = lru_cache(maxsize=256)(http._parseContentType)
