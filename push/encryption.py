"""Message encryption for one browser (RFC 8291). Written out: it is a dozen lines, and most of the cost of sending.

Tested against the example in the RFC and against http_ece.
"""

import hmac
import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core import base64url

KEY_BYTES, SECRET_BYTES, SALT_BYTES = 65, 16, 16
RECORD_BYTES = 4096
# RFC 8030: a push service must accept 4096 bytes. Minus the header, the delimiter and the tag.
LONGEST_PAYLOAD = RECORD_BYTES - (SALT_BYTES + 4 + 1 + KEY_BYTES) - 1 - 16

_CURVE = ec.SECP256R1()


def browser_key(p256dh: str) -> ec.EllipticCurvePublicKey:
    """The browser's public key. Raises ValueError unless it is an uncompressed point on P-256, base64url."""
    return _point(base64url.decode(p256dh))


def _point(raw: bytes) -> ec.EllipticCurvePublicKey:
    if len(raw) != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)


def browser_secret(auth: str) -> bytes:
    """The browser's authentication secret. Raises ValueError unless it is 16 bytes in base64url."""
    secret = base64url.decode(auth)
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"must be {SECRET_BYTES} bytes")
    return secret


def encrypt(
    payload: bytes,
    *,
    p256dh: str,
    auth: str,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Encrypts one aes128gcm record. `key` and `salt` are random for each message; tests pass fixed ones.

    Raises ValueError for malformed browser keys.
    """
    receiver, secret = base64url.decode(p256dh), browser_secret(auth)
    key = key or ec.generate_private_key(_CURVE)
    salt = salt or os.urandom(SALT_BYTES)
    sender = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = key.exchange(ec.ECDH(), _point(receiver))
    # HKDF (RFC 5869) with one-block outputs: extract and expand are one HMAC each.
    keying = _hmac(_hmac(secret, shared), b"WebPush: info\0" + receiver + sender + b"\1")
    pseudorandom = _hmac(salt, keying)
    content_key = _hmac(pseudorandom, b"Content-Encoding: aes128gcm\0\1")[:16]
    nonce = _hmac(pseudorandom, b"Content-Encoding: nonce\0\1")[:12]
    header = salt + struct.pack("!LB", RECORD_BYTES, KEY_BYTES) + sender
    return header + AESGCM(content_key).encrypt(nonce, payload + b"\2", None)


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")
