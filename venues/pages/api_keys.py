"""The owner's page of API keys: what programs of the venue send to prove that they are its."""

from functools import partial

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from core import clock, rate_limits
from core.errors import Refused
from venues import commands
from venues.key_form import KeyChoices
from venues.models import ApiKey
from venues.origins import origin_of
from venues.owner_pages import Desk, at_desk, pressed
from venues.roles import Right
from web.forms import FormKey, RefusableForm, ShortText
from web.sending import Form

_NEW_KEY = Form("form_key", "/venue/keys")
ENDED_SHOWN = 20


class KeyForm(KeyChoices, RefusableForm):
    """A new key."""

    key = FormKey()
    name = ShortText(
        label="What is it for?", max_length=80, attrs={"placeholder": "Website, till", "autocomplete": "off"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.KEYS)
def api_keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The venue's keys; a form that makes one. Its answer shows the key: a redirect would keep it in a cookie or a session."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (made := _made(request, desk, form)) is not None:
        _NEW_KEY.answered(request)
        row, key = made
        context = {"desk": desk, "row": row, "key": key, "back": desk.path("api-keys")}
        return render(request, "host/api_key.html", context)
    _NEW_KEY.offer(request)
    rows = desk.venue.api_keys.order_by("-created_at", "pk")
    good = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=clock.NOW))
    context = {
        "desk": desk,
        "form": form,
        "keys": rows.filter(good),
        "ended": rows.exclude(good)[:ENDED_SHOWN],
    }
    return render(request, "host/api_keys.html", context, status=400 if form.errors else 200)


def _made(request: HttpRequest, desk: Desk, form: KeyForm) -> tuple[ApiKey, str] | None:
    """The new key's row and the key; None when the form says why there is none."""
    try:
        rate_limits.check(request, rate_limits.CREATE, "api-key")
        return commands.create_api_key(
            venue=desk.venue,
            name=form.cleaned_data["name"],
            **form.chosen,
            origin=origin_of(request),
            key=_NEW_KEY.key(request, about=desk.venue.pk),
            actor=desk.actor,
        )
    except Refused as refused:
        form.refuse(refused)
        return None


@require_POST
@at_desk(Right.KEYS)
def end_api_key(request: HttpRequest, desk: Desk, key_id: int) -> HttpResponse:
    """Ends a key at once."""
    command = partial(commands.revoke_api_key, key_id=key_id, venue_id=desk.venue.pk, actor=desk.actor)
    done = "The key has ended. Programs that send it are refused from now on."
    return pressed(request, desk, "api-keys", command, done=done)
