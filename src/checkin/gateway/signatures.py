"""Twilio's signature on a webhook: made for tests and tools, checked for every request.

https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

import hmac
from collections.abc import Iterator, Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator, add_port, remove_port

Params = Sequence[tuple[str, str]]


class Algorithm(StrEnum):
    """SHA1 is keyed with the account's auth token, SHA256 with a shared key's secret."""

    SHA1 = "HMAC_SHA1"
    SHA256 = "HMAC_SHA256"


_LENGTH = {Algorithm.SHA1: 28, Algorithm.SHA256: 44}


def sign(url: str, params: Params, token: str, algorithm: Algorithm = Algorithm.SHA1) -> str:
    """Return the base64 signature of a form posted to *url*.

    *params* in any order, blank values kept; all values of a repeated name count, each once, as Twilio does.
    Raises UnicodeEncodeError for lone surrogates.
    """
    signature: str = RequestValidator(token).compute_signature(url, _Form(params), algorithm.value)
    return signature


def is_signed(
    url: str, params: Params, header: str | None, tokens: Sequence[str], algorithm: Algorithm = Algorithm.SHA1
) -> bool:
    """Say whether *header* signs this form with any of *tokens* (two while they are being rotated).

    *url* is our public address with the raw path and query, never built from request headers. The algorithm is
    our setting, not the sender's choice. Never raises, whatever the request holds; takes constant time for a
    header of the right length. The port of *url* may have been signed or not: Twilio is not consistent.
    """
    if header is None or len(header) != _LENGTH[algorithm]:
        return False
    if any(not name for name, _ in params):  # an empty field would not change the signature
        return False
    claimed = header.encode("utf-8", "replace")
    try:
        expected = [
            sign(spelling, params, token, algorithm) for spelling in _spellings(url) for token in tokens if token
        ]
    except ValueError:  # lone surrogates, or a port that is not a number
        return False
    matches = [hmac.compare_digest(signature.encode(), claimed) for signature in expected]
    return any(matches)


def _spellings(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    yield url
    yield add_port(parts)
    yield remove_port(parts)


class _Form(dict[str, list[str]]):
    """A form with repeated names, in the shape that the validator understands."""

    def __init__(self, params: Params) -> None:
        super().__init__()
        for name, value in params:
            self.setdefault(name, []).append(value)

    def getall(self, name: str) -> list[str]:
        return self[name]
