"""Who acts as a host: by host token, API key, or sign-in. One rule for lines, polls and rooms (contract queueup.md)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY, get_user
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from core.actors import HOST, Actor
from core.errors import Forbidden, Unproven
from core.hashing import is_same, keyed
from core.tokens import DEVICE, KEY, holder_of
from venues import refusals
from venues.commands import use_api_key
from venues.devices import host_device
from venues.models import ApiKey, Membership, User, Venue
from venues.proofs import Hosted, Subject, grant_of, host_by, may_act, token_for
from web.csrf import FormsOfOurPages

HOST_HEADER = "x-host-auth"
# How long a browser keeps a host's proof: 7 days (contract queueup.md, host proof).
PROOF_AGE_S = 7 * 24 * 3600


def host_of(request: Request, subject: Subject, *, cookie_names: tuple[str, ...]) -> Actor:
    """Who asks, as a host of the line, poll or room: header, then cookie, then API key, then sign-in.

    Raises Unproven (401) without any proof, Forbidden (403) when none of what was sent is good for it.
    """
    if token := request.headers.get(HOST_HEADER, ""):
        if (host := host_by(token, subject)) is not None:
            return host
        raise Forbidden(refusals.WRONG_HOST_TOKEN)
    cookies = [request.COOKIES[name] for name in cookie_names if request.COOKIES.get(name)]
    for cookie in cookies:
        if (host := host_by(cookie, subject)) is not None:
            return host
    if sent := request.headers.get("api-key", ""):
        found = use_api_key(sent)
        if found is not None and (
            found.pk == subject.key_id
            if subject.key_id
            else subject.venue_id is not None and found.venue_id == subject.venue_id
        ):
            return HOST
        raise Forbidden(refusals.WRONG_API_KEY)
    user = signed_in(request)
    if user is not None:
        if subject.venue_id and works_for(user, subject.venue_id):
            return Actor("host", user.pk)
        if user.is_staff:
            return Actor("staff", user.pk)
        raise Forbidden(refusals.NOT_YOUR_VENUE)
    if cookies:
        raise Forbidden(refusals.WRONG_HOST_TOKEN)
    raise Unproven(refusals.HOSTS_ONLY)


def hosts_of(kind: str) -> Callable[[Request, Hosted], Actor]:
    """`host_of` for things of a kind (as in `host_cookie`), each with one cookie."""

    def host(request: Request, thing: Hosted) -> Actor:
        return host_of(request, Subject.of(thing), cookie_names=(host_cookie(kind, thing.code),))

    return host


def given_token(
    request: HttpRequest | Request,
    subject: Subject,
    *,
    actor: Actor,
    key: ApiKey | None = None,
    proved: Subject | None = None,
) -> str:
    """The host token for the actor: one that belongs to their account, API key or device, else the subject's own.

    `proved`: the subject whose host they proved to be, if another; the holder of a token of it becomes the holder here.
    Raises Forbidden for an account without a session or such a token.
    """
    if key is not None:
        return token_for(subject, (KEY, key.pk))
    if actor.user_id is not None and request.session.get(SESSION_KEY) == str(actor.user_id):
        return token_for(subject, grant_of(request.session))
    if actor.user_id is None and (device := host_device(request, subject.venue_id)) is not None:
        return token_for(subject, (DEVICE, device.pk))
    if proved is not None:
        for sent in (request.headers.get(HOST_HEADER, ""), *request.COOKIES.values()):
            holder = holder_of(sent, proved.id, proved.token_version)
            if holder is not None and may_act(holder, proved) is not None:
                return token_for(subject, holder)
    if actor.user_id is not None:
        raise Forbidden(refusals.WRONG_HOST_TOKEN)
    return token_for(subject)


def key_of(request: Request) -> ApiKey | None:
    """The valid API key of the request, if it has one."""
    sent = request.headers.get("api-key", "")
    return use_api_key(sent) if sent else None


def venue_of_key(request: Request) -> Venue:
    """The venue whose API key was sent, for what only a key opens. Raises Unproven (401)."""
    found = key_of(request)
    if found is None:
        raise Unproven(refusals.API_KEY_UNKNOWN)
    return found.venue


def host_cookie(kind: str, code: str) -> str:
    """The name of the cookie that proves a host of the line (`queue`), `poll` or `room` with this code. One for each, because a
    host may run several."""
    return f"{kind}_host_{code}"


def set_proof(request: HttpRequest, response: Any, cookie_name: str, token: str, *, secure: bool | None = None) -> None:
    """Keeps a host token in a cookie that `host_of` accepts. It is Secure where the page is, unless `secure` says otherwise."""
    response.set_cookie(
        cookie_name,
        token,
        max_age=PROOF_AGE_S,
        path="/",
        secure=request.is_secure() if secure is None else secure,
        httponly=True,
        samesite="Strict",
    )


def works_for(user: User, venue_id: UUID | str) -> bool:
    """Whether the person has a role in the venue."""
    return Membership.objects.filter(user=user, venue_id=venue_id).exists()


def signed_in(request: Request) -> User | None:
    """The person of the session cookie, if the request also carries the CSRF token of one of our pages.

    A session cookie alone would let any page of an allowed origin act in a host's name.
    """
    # Not `request.user`: without authentication classes DRF has overwritten it by now.
    user = get_user(request._request)
    if not isinstance(user, User) or not user.is_active:
        return None
    return user if _has_csrf_proof(request._request) else None


def _has_csrf_proof(request: HttpRequest) -> bool:
    def unreached(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    check = FormsOfOurPages(unreached)
    check.process_request(request)
    request.csrf_processing_done = False  # type: ignore[attr-defined]
    return check.process_view(request, unreached, (), {}) is None


def account_token(user: User) -> str:
    """A person's API token, which proves their user id (contract vote-websocket.md). A new password ends it."""
    return keyed("account-token", f"{user.pk}:{user.password}").hex()


def proves_account(user_id: str, token: str) -> bool:
    """Whether `token` is the API token of the active account with this id, a decimal number."""
    user = User.objects.filter(pk=int(user_id), is_active=True).first() if len(user_id) < 19 else None
    return user is not None and is_same(token, account_token(user))


def owner_of_new(request: Request, venue_id: str | None) -> tuple[Venue | None, ApiKey | None, Actor]:
    """The venue and API key that will own a new line, poll or room, and the actor. Raises Unproven, Forbidden."""
    if sent := request.headers.get("api-key", ""):
        found = use_api_key(sent)
        if found is None:
            raise Unproven(refusals.API_KEY_UNKNOWN)
        if venue_id is not None and str(found.venue_id) != venue_id:
            raise Forbidden(refusals.OTHER_VENUES_KEY)
        return found.venue, found, HOST
    if venue_id is None:
        return None, None, HOST
    user = signed_in(request)
    if user is None:
        raise Unproven(refusals.SIGN_IN_NEEDED)
    if not works_for(user, venue_id):
        raise Forbidden(refusals.NOT_YOUR_VENUE)
    return Venue.objects.get(pk=venue_id), None, Actor("host", user.pk)
