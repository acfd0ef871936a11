"""The proof in the link of an e-mail that ends e-mails about that party."""

from uuid import UUID

from core.hashing import derived_token, is_same


def proof_of(message_id: UUID) -> str:
    """What the link must hold: 256 bits that only a holder of SECRET_KEY can derive from the message's id."""
    return derived_token("reach-stop", str(message_id))


def proves(proof: str, message_id: UUID) -> bool:
    """Whether a link is ours, compared in constant time."""
    return is_same(proof, proof_of(message_id))
