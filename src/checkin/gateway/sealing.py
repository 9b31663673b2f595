"""Web Push payloads sealed for one browser, so that the service in between reads nothing (RFC 8291, RFC 8188)."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD: Final = 4096  # bytes a record may have; ours have one, and are far shorter
LAST_RECORD: Final = b"\x02"


def seal(
    words: bytes,
    p256dh: str,
    auth: str,
    *,
    salt: bytes | None = None,
    our_key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Return *words* sealed as aes128gcm for the browser with these keys (base64url).

    *salt* and *our_key* are fresh unless they are given, which only a test does. Raises ValueError for keys that are
    none.
    """
    salt = salt or os.urandom(16)
    our_key = our_key or ec.generate_private_key(ec.SECP256R1())
    their_point, secret = from_base64url(p256dh), from_base64url(auth)
    if len(secret) != 16:
        raise ValueError("not 16 bytes")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), their_point)
    ours = our_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = our_key.exchange(ec.ECDH(), theirs)
    material = _derived(shared, secret, b"WebPush: info\x00" + their_point + ours, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(key).encrypt(nonce, words + LAST_RECORD, None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours + sealed


def base64url(raw: bytes) -> str:
    """Return *raw* in base64url without padding."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Return what `base64url` wrote, padded or not. Raises ValueError."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
