"""LocalStack's HTTP server: where it listens, and without work that its requests do not need."""

from functools import lru_cache

from localstack.aws.serving.twisted import TLSMultiplexerFactory
from localstack.config import HostAndPort
from localstack.runtime.server.twisted import TwistedRuntimeServer
from rolo.gateway import Gateway
from rolo.serving.twisted import TwistedGateway
from twisted.internet import reactor, ssl
from twisted.web import http


def apply_patches() -> None:
    TwistedRuntimeServer.register = _register
    # Twisted runs every request's Content-Type through the email package's parser, a quarter of
    # the reactor's time; there are only a few different ones.
    http._parseContentType = lru_cache(maxsize=256)(http._parseContentType)


def _register(
    _server: TwistedRuntimeServer,
    gateway: Gateway,
    listen: list[HostAndPort],
    ssl_creds: tuple[str, str] | None = None,
) -> None:
    """Listen at each address of GATEWAY_LISTEN alone; LocalStack does so at each of its ports, on
    every IPv4 interface."""
    factory = TwistedGateway(gateway)
    if ssl_creds:
        certificate, key = ssl_creds
        context_factory = ssl.DefaultOpenSSLContextFactory(key, certificate)  # type: ignore[no-untyped-call]
        context_factory.getContext().use_certificate_chain_file(certificate)  # type: ignore[no-untyped-call]
        factory = TLSMultiplexerFactory(context_factory, False, factory)
    for address in listen:
        reactor.listenTCP(address.port, factory, interface=address.host)  # type: ignore[attr-defined] # set when Twisted installs one
