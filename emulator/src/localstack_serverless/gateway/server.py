"""LocalStack's HTTP server: where it listens, and a cache for what it computes for each request."""

from functools import lru_cache

from localstack.aws.serving.twisted import TLSMultiplexerFactory
from localstack.config import HostAndPort
from localstack.runtime.server.twisted import TwistedRuntimeServer
from rolo.gateway import Gateway
from rolo.serving.twisted import TwistedGateway
from twisted.internet import reactor, ssl
from twisted.web import http

# there are only a few different values
parse_content_type = lru_cache(maxsize=256)(http._parseContentType)


def listen_at_each_address(
    _server: TwistedRuntimeServer,
    gateway: Gateway,
    listen: list[HostAndPort],
    ssl_creds: tuple[str, str] | None = None,
) -> None:
    factory = TwistedGateway(gateway)
    if ssl_creds:
        certificate, key = ssl_creds
        context_factory = ssl.DefaultOpenSSLContextFactory(key, certificate)  # type: ignore[no-untyped-call]
        context_factory.getContext().use_certificate_chain_file(certificate)  # type: ignore[no-untyped-call]
        factory = TLSMultiplexerFactory(context_factory, False, factory)
    for address in listen:
        reactor.listenTCP(address.port, factory, interface=address.host)  # type: ignore[attr-defined] # set when Twisted installs one
