"""What must not be readable in the database: sealed values, and keyed hashes to find them by.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. The associated data names table, column
and row, so a value moved to another row no longer opens. The key's id stands in front, so keys rotate.
"""

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class BadKeys(Exception):
    """The encryption keys are not of the form `id:64 hex digits[,id:...]`; the first one seals."""


class CannotOpen(Exception):
    """A sealed value was moved, changed, or sealed with a key we no longer have."""


class Vault:
    """Seals and opens texts, and hashes them for look-up."""

    def __init__(self, keys: str, lookup_key: str) -> None:
        self._keys: dict[str, AESGCM] = {}
        for part in filter(None, (part.strip() for part in keys.split(","))):
            key_id, _, digits = part.partition(":")
            try:
                key = bytes.fromhex(digits)
            except ValueError:
                key = b""
            if not key_id.isalnum() or len(key) != 32:
                raise BadKeys("CHECKIN_ENCRYPTION_KEYS must read id:64-hex-digits, several joined by commas")
            self._keys[key_id] = AESGCM(key)
        if not self._keys:
            raise BadKeys("CHECKIN_ENCRYPTION_KEYS is empty")
        if len(lookup_key) < 32:
            raise BadKeys("CHECKIN_LOOKUP_KEY is shorter than 32 characters")
        self._first = next(iter(self._keys))
        self._lookup = lookup_key.encode()

    def seal(self, place: str, row: UUID | str, text: str) -> bytes:
        """Return *text* sealed for *place* ("table.column") in *row*."""
        nonce = os.urandom(12)
        sealed = self._keys[self._first].encrypt(nonce, text.encode(), f"{place}:{row}".encode())
        return self._first.encode() + b":" + nonce + sealed

    def open(self, place: str, row: UUID | str, sealed: bytes) -> str:
        """Return what was sealed. Raises CannotOpen when it was sealed elsewhere or with a lost key."""
        key_id, _, rest = sealed.partition(b":")
        key = self._keys.get(key_id.decode(errors="replace"))
        if key is None:
            raise CannotOpen(f"{place} of {row}: no such key")
        try:
            return key.decrypt(rest[:12], rest[12:], f"{place}:{row}".encode()).decode()
        except InvalidTag:
            raise CannotOpen(f"{place} of {row}") from None

    def hash(self, purpose: str, text: str) -> bytes:
        """Return a keyed hash of *text*, 32 bytes, the same for the same purpose and text."""
        return hmac.digest(self._lookup, f"{purpose}\0{text}".encode(), hashlib.sha256)
