"""Connections to addresses from a shop's database: each name is looked up once, and internal networks are refused."""

import socket
import ssl
from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import anyio
import httpcore
import httpx
from httpcore._backends.anyio import AnyIOBackend

from recsys.catalogue.local_files import PictureError

_HOLD_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))  # in the last 32 bits
_INNER = (  # which some versions of Python consider public
    IPv4Network("168.63.129.16/32"),  # Azure's machines get their settings and certificates from it
    IPv4Network("192.0.0.0/24"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("fec0::/10"),
)


def is_public(address: str) -> bool:
    """Whether an IP address is public: not private, loopback, link-local or shared."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        holds_ipv4 = any(ip in network for network in _HOLD_IPV4)
        ip = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if holds_ipv4 else ip)
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _INNER)


class GuardedBackend(AnyIOBackend):
    """Connects to exactly the address that was checked, whatever the name resolves to a moment later.

    Hosts that are `allowed`, as spelled in the addresses, are not checked. A certificate is still checked against the
    name.
    """

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look the host up, and connect to the first of its addresses that answers.

        Raises PictureError if one of them is not public, and httpcore's errors.
        """
        addresses = await self._addresses(host, port, timeout)
        if host.lower().rstrip(".") not in self._allowed and not all(is_public(address) for address in addresses):
            raise PictureError(
                "Expected a public web address, got one of this machine or an internal network: not asked; "
                f"if it is the shop's own picture server, pass --allow-private {host}."
            )
        for number, address in enumerate(addresses, start=1):
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise httpcore.ConnectError("unknown name")

    @staticmethod
    async def _addresses(host: str, port: int, timeout: float | None) -> list[str]:
        try:
            with anyio.fail_after(timeout):
                found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name was not found in time") from None
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from None
        return list(dict.fromkeys(str(address[4][0]) for address in found))


def guarded_transport(allowed: Iterable[str], max_connections: int) -> httpx.AsyncHTTPTransport:
    """A transport for httpx whose connections are guarded."""
    limits = httpx.Limits(max_connections=max_connections)
    transport = httpx.AsyncHTTPTransport(verify=_certificates(), limits=limits)
    # httpx has no way to pass a network backend to its pool.
    transport._pool._network_backend = GuardedBackend(frozenset(host.lower().rstrip(".") for host in allowed))
    return transport


@cache
def _certificates() -> ssl.SSLContext:
    """The trusted certificates, loaded once: 50 ms of CPU."""
    return httpx.create_ssl_context()
