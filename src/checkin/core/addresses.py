"""Where a request comes from: what a proxy of ours says of it is believed, what anybody else says is not."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
HOME: Final = 64  # bits of an IPv6 address that one customer has for themselves


def client(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """Return who sent a request: *peer*, or what our *proxies* say in X-Forwarded-For (RFC 7239, section 7.4).

    *forwarded* are the header's lines. They are read from the end: each proxy adds whom it heard from, and the first
    that is not one of ours is as far as anything can be believed. An IPv6 address counts by its first 64 bits.
    """
    heard = [one.strip() for line in forwarded for one in line.split(",")]
    at = _read(peer)
    while at is not None and heard and any(at in network for network in proxies):
        before = _read(heard.pop())
        if before is None:
            break
        at = before
    if at is None:
        return peer
    return str(ip_network((at, HOME), strict=False)) if isinstance(at, IPv6Address) else str(at)


def _read(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
