"""Idempotency-Key: a create that is sent again makes nothing twice (draft-ietf-httpapi-idempotency-key-header-07).

What was made keeps two hashes: of the key within its owner's scope, and of the body it was sent with. The same key with
another body is refused, for its sender would take the answer for one to a request that was never carried out.

A key belongs to the client that sent it: what a create answers (a party's id, a host token) is often all the proof there is, so a
stranger who sends the same key makes another thing (decision 0022).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, TypeVar

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from rest_framework.request import Request

from core import asgi_requests
from core.addresses import address_of, client_address
from core.asgi_types import Scope
from core.codes import with_free_code
from core.errors import Conflict, Invalid
from core.hashing import keyed
from core.refusals import KEY_USED
from web.browsers import BROWSER_COOKIE, token_in

HEADER = "Idempotency-Key"
SHORTEST, LONGEST = 16, 200
# Good once or for a while only, so a client that asks again has to send another.
_NEW_EACH_TIME = frozenset({"turnstileToken", "hereCode"})

Made = TypeVar("Made", bound=Model)


class Once(TypedDict):
    """A create's key and the fingerprint of its body, as commands take them; both empty where no key was sent."""

    key: str
    asked: str


def once(header: str, body: Mapping[str, Any], *, sender: str) -> Once:
    """The sender's key and the fingerprint of the checked body, for a command. Raises Invalid as `checked`."""
    key = checked(header)
    return {"key": bound(key, sender), "asked": fingerprint(body)} if key else {"key": "", "asked": ""}


def checked(header: str) -> str:
    """The key in a header's value, or an empty string. Raises Invalid for one that is too long, or short enough to guess."""
    key = header.strip()
    if key and len(key) < SHORTEST:
        raise Invalid(f"{HEADER} must have at least {SHORTEST} characters here.", field=HEADER)
    if len(key) > LONGEST:
        raise Invalid(f"{HEADER} must have at most {LONGEST} characters.", field=HEADER)
    return key


def sender(*, header: Callable[[str], str], cookie: Callable[[str], str], address: str) -> str:
    """The sender of a key, by the best proof in the request: an API key, a host token, the browser's own cookie (the same over a
    changed network and through a sign-in), else the address. `header` and `cookie` give a value by its name, or "".

    A browser without `browser_token` is known by its CSRF cookie, as all were before there was one: a key that was sent then
    and is sent again means the same.
    """
    shown = {
        "api-key": header("api-key"),
        "proof": header("x-host-auth"),
        "browser": token_in(cookie(BROWSER_COOKIE)) or cookie(settings.CSRF_COOKIE_NAME),
        "address": address,
    }
    return next((f"{kind}:{value}" for kind, value in shown.items() if value), "")


def sender_of(request: HttpRequest | Request) -> str:
    """The same for a request in Django."""
    return sender(
        header=lambda name: str(request.headers.get(name, "")),
        cookie=lambda name: str(request.COOKIES.get(name, "")),
        address=client_address(request),
    )


def sender_of_scope(scope: Scope) -> str:
    """The same for a request that did not enter Django."""
    return sender(
        header=lambda name: asgi_requests.header(scope, name.encode()),
        cookie=lambda name: asgi_requests.cookie(scope, name),
        address=address_of(scope),
    )


def bound(key: str, sender: str) -> str:
    """The key bound to its sender, as commands take it."""
    return keyed("idempotency.sender", f"{sender}\n{key}").hex()


def of_form(request: HttpRequest, key: object) -> str:
    """The same for the key that one of our own forms carries."""
    return bound(str(key), sender_of(request))


def hashed_key(scope: str, key: str) -> str:
    """The stored hash of a key: 64 hex digits. `scope`: what is made, and for whom."""
    return keyed(f"idempotency.{scope}", key).hex()


def create_key(scope: str, key: str, *, owner: object = None) -> str | None:
    """What a row keeps of the key it was made with; None without a key. `owner`: the venue or API key, "" for none."""
    return hashed_key(scope, key if owner is None else f"{owner}:{key}") if key else None


def create_once(
    model: type[Made], scope: str, key: str, *, asked: str, owner: Model | None, insert: Callable[..., Made]
) -> Made:
    """The row that `insert` makes under a free code, or the one that the owner's same key has made before.

    `insert` is called with the fields `code`, `create_key` and `create_asked`. Raises Conflict for a known key with another body
    (`asked`: its fingerprint), or when no code is free.
    """
    hashed = create_key(scope, key, owner=owner.pk if owner else "")
    kept = {"create_key": hashed, "create_asked": asked if hashed else ""}
    return with_free_code(lambda code: insert(code=code, **kept), known=lambda: made_with(model, hashed, asked))


def made_with(model: type[Made], hashed: str | None, asked: str = "") -> Made | None:
    """The row that was made with the key (`hashed`: its create_key). Raises Conflict when its body was another than `asked`."""
    made = model._default_manager.filter(create_key=hashed).first() if hashed else None
    if made is not None:
        require_same(getattr(made, "create_asked", ""), asked)
    return made


def fingerprint(body: Mapping[str, Any]) -> str:
    """The stored hash of a checked body: 32 hex digits. The order of fields, and sending a default or not, make no difference."""
    data = {name: value for name, value in body.items() if name not in _NEW_EACH_TIME}
    # Not orjson, which writes no number over 64 bits; times and ids by their text.
    return keyed("idempotency.body", json.dumps(data, sort_keys=True, default=str)).hex()[:32]


def require_same(kept: str, asked: str) -> None:
    """Raises Conflict when a key that is known comes with another body. Empty: not compared (our pages' own forms, and what
    was made before bodies were kept).
    """
    if kept and asked and kept != asked:
        raise Conflict(KEY_USED, field=HEADER)
