"""A phone that signs ballots with its own key, as frontend/poll/outbox.ts does."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from polls.signatures import Signed


def base64url(raw: bytes) -> str:
    """Without padding, as scripts write it."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Phone:
    """One pair of keys."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self.key = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(
        self, poll_id: UUID | str, ballot_id: UUID | str, choices: Sequence[int], *, epoch: int | None = None
    ) -> Signed:
        """What the server verifies; the text is spelt out here, for it is a contract with the script."""
        text = f"tallyline-ballot|{poll_id}|{ballot_id}|{','.join(map(str, sorted(choices)))}"
        text += "" if epoch is None else f"|{epoch}"
        r, s = decode_dss_signature(self._private.sign(text.encode(), ec.ECDSA(SHA256())))
        return Signed(self.key, r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def body(
        self, poll_id: UUID | str, *choices: int, ballot_id: str = "", epoch: int | None = None, **more: Any
    ) -> dict[str, Any]:
        """A signed ballot as JSON; with an `epoch` one that says its round."""
        ballot = ballot_id or str(uuid4())
        signed = self.sign(poll_id, ballot, choices, epoch=epoch)
        proof = {"key": base64url(signed.key), "signature": base64url(signed.signature)}
        of_round = {} if epoch is None else {"epoch": epoch}
        return {"ballotId": ballot, "choices": list(choices), **proof, **of_round, **more}
