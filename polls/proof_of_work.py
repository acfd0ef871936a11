"""Proof of work of a ballot: what makes voting by the thousand cost a program something (decision 0020).

The ballot's own id is the challenge (as in Hashcash, Back 2002: the stamp names what it is for), so a phone without network can
prove it, and a proof is good for one ballot only.
"""

from hashlib import sha256
from uuid import UUID


def proves(poll_id: UUID, ballot_id: UUID, number: int, *, bits: int) -> bool:
    """Whether SHA-256 of the poll's id, the ballot's id (16 bytes each) and the number (8, big-endian) begins with this many
    zero bits, at most 32. `number` is below 2^53, as scripts count.
    """
    found = sha256(poll_id.bytes + ballot_id.bytes + number.to_bytes(8, "big")).digest()
    return int.from_bytes(found[:4], "big") >> (32 - bits) == 0
