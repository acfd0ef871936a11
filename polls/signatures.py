"""Ballots signed on the phone that cast them (docs/decisions/0018): ECDSA P-256 with SHA-256, as WebCrypto writes it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from core.refusals import Reason
from polls.refusals import BAD_KEY, BAD_SIGNATURE

# An uncompressed point; r and s.
KEY_BYTES = 65
SIGNATURE_BYTES = 64
_CURVE = ec.SECP256R1()
_ALGORITHM = ec.ECDSA(SHA256())


@dataclass(frozen=True, slots=True)
class Signed:
    """A public key and its signature of a ballot, not verified yet."""

    key: bytes
    signature: bytes

    @property
    def signer(self) -> bytes:
        """16 bytes that identify the key."""
        return hashlib.sha256(self.key).digest()[:16]


def text_of(poll_id: UUID, ballot_id: UUID, choices: Sequence[int], *, epoch: int | None = None) -> bytes:
    """What is signed: `tallyline-ballot|poll|ballot|0,2`, ids in small letters, choices in order; then `|epoch`, where the
    ballot says its round."""
    text = f"tallyline-ballot|{poll_id}|{ballot_id}|{','.join(map(str, sorted(choices)))}"
    return (text if epoch is None else f"{text}|{epoch}").encode()


def problem(signed: Signed, text: bytes) -> Reason | None:
    """Why the signature is invalid, or None. Takes about 0.1 ms of CPU."""
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, signed.key)
    except ValueError:
        return BAD_KEY
    half = SIGNATURE_BYTES // 2
    r, s = (int.from_bytes(part, "big") for part in (signed.signature[:half], signed.signature[half:]))
    try:
        key.verify(encode_dss_signature(r, s), text, _ALGORITHM)
    except InvalidSignature:
        return BAD_SIGNATURE
    return None
