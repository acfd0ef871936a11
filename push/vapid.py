"""The server's identity at push services: VAPID (RFC 8292)."""

import time
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid, jwt

from core import base64url

# A header is used for one period and valid through the next: 6 to 12 hours. RFC 8292 allows 24.
PERIOD_S = 6 * 3600

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def private_key() -> ec.EllipticCurvePrivateKey:
    """The signing key. Raises ValueError when settings.VAPID_PRIVATE_KEY holds none."""
    return _key(settings.VAPID_PRIVATE_KEY)


def public_key() -> str:
    """The public key that browsers subscribe with: the uncompressed point, base64url."""
    return base64url.encode(private_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@lru_cache(maxsize=4)
def _key(text: str) -> ec.EllipticCurvePrivateKey:
    """Reads a key as web-push tools write it (raw or PKCS8, base64url; PEM), or 48 random bytes, as we make them.

    Random bytes become a key by FIPS 186-5, A.2.1 (extra random bits, modulo the group order). So the file's content may be
    moved into the variable.
    """
    try:
        if "-----BEGIN" in text:
            return Vapid.from_pem(text.replace("\\n", "\n").encode()).private_key
        raw = base64url.decode(text)
        if len(raw) == 48:
            return ec.derive_private_key(int.from_bytes(raw) % (_ORDER - 1) + 1, ec.SECP256R1())
        return Vapid.from_string(text).private_key
    except Exception:
        # Not chained: the cause may contain the key.
        raise ValueError("VAPID_PRIVATE_KEY is not a P-256 private key") from None


def authorization(origin: str) -> str:
    """The Authorization header for a push service's origin. Cached for hours: signing costs more than sending."""
    # Not the database's time: the push service checks it, with hours of tolerance.
    period = int(time.time() // PERIOD_S)
    return _authorization(settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT, origin, (period + 2) * PERIOD_S)


@lru_cache(maxsize=256)
def _authorization(secret: str, subject: str, origin: str, expires: int) -> str:
    token = jwt.sign({"aud": origin, "exp": expires, "sub": subject}, _key(secret))
    return f"vapid t={token},k={public_key()}"
