"""Base64url (RFC 4648, section 5) without padding, as links, headers and browsers write it."""

import base64


def encode(raw: bytes) -> str:
    """The letters of these bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of these letters, padded or not. Raises ValueError."""
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
