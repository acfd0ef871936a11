"""Browsers known again, and no more than that: a random token in a cookie that no script reads."""

import secrets

# The longest that browsers keep one (RFC 6265bis).
COOKIE_AGE_S = 400 * 24 * 3600


def new_token() -> str:
    """The token of a browser that has none: 64 hex digits, random, and made from nothing that is shown (decision 0021)."""
    return secrets.token_hex(32)


def token_cookie(name: str, token: str, *, secure: bool) -> str:
    """The Set-Cookie header by which a browser keeps this token, for all our pages and up to 400 days. `token` must be
    made of letters, digits, - and _."""
    parts = [f"{name}={token}", "HttpOnly", f"Max-Age={COOKIE_AGE_S}", "Path=/", "SameSite=Lax"]
    return "; ".join(parts + ["Secure"] * secure)
