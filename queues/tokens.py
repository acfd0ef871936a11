"""Host tokens and hashed keys."""

import base64
import hmac
import secrets
from uuid import UUID

from config.hashing import keyed
from queues.rules import CODE_LENGTH, CODE_LETTERS


def host_token(queue_id: UUID | str) -> str:
    """`<sessionId>.<base64url HMAC-SHA256>` (contract queueup.md, host proof)."""
    return f"{queue_id}.{base64.urlsafe_b64encode(keyed('host', str(queue_id))).rstrip(b'=').decode()}"


def proves_host(token: str, queue_id: UUID | str) -> bool:
    """Whether `token` is this line's host token, compared in constant time."""
    if not token:  # nearly all who look at a line
        return False
    return hmac.compare_digest(token.encode("utf-8", "surrogatepass"), host_token(queue_id).encode())


def new_code() -> str:
    """A random short code, e.g. `K7QX2M`: 32 letters and digits that nobody mixes up, 6 of them."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
