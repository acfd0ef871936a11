"""The owner's pages of webhooks: where programs of the venue hear what happens, and what they answered."""

import datetime
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from core import rate_limits
from core.errors import NotFound, Refused
from venues.origins import origin_of
from venues.owner_pages import Desk, at_desk
from venues.roles import Right
from web.forms import FormKey, RefusableForm, ShortText
from web.redirects import SeeOther
from web.sending import Form
from web.settings_form import SettingsForm
from webhooks import by_hand, commands, selectors
from webhooks.events import ALL_TYPES
from webhooks.models import LONGEST_NAME, LONGEST_URL, Endpoint

_NEW = Form("form_webhook", "/venue/webhooks")


class WebhookFields(RefusableForm):
    """What a webhook is made of."""

    url = ShortText(
        label="Address",
        max_length=LONGEST_URL,
        attrs={"placeholder": "https://till.example.com/tallyline", "inputmode": "url", "autocapitalize": "none"},
    )
    name = ShortText(label="What is it for?", required=False, max_length=LONGEST_NAME, attrs={"placeholder": "Till"})
    events = forms.MultipleChoiceField(
        label="What it is told",
        required=False,
        choices=[(each, each) for each in ALL_TYPES],
        widget=forms.CheckboxSelectMultiple,
    )


class NewWebhookForm(WebhookFields):
    """A new webhook."""

    key = FormKey(required=False)


class WebhookForm(WebhookFields, SettingsForm):
    """A webhook to be changed."""

    SHOWN = ("url", "name", "events")


class ReplayForm(RefusableForm):
    """From when on everything is sent again, in the venue's zone."""

    NAMES: ClassVar = {"from": "since"}
    since = forms.DateTimeField(
        label="Since", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), input_formats=["%Y-%m-%dT%H:%M"]
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.KEYS)
def webhooks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The venue's webhooks; a form that makes one. Its answer shows the secret, which a redirect would keep in a cookie."""
    form = NewWebhookForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (made := _made(request, desk, form)) is not None:
        _NEW.answered(request)
        return _secret(request, desk, made)
    _NEW.offer(request)
    rows = list(desk.venue.webhooks.all())
    context = {"desk": desk, "form": form, "webhooks": rows, "held_up": selectors.next_tries(rows)}
    return render(request, "host/webhooks.html", context, status=400 if form.errors else 200)


def _secret(request: HttpRequest, desk: Desk, row: Endpoint, *, rotated: bool = False) -> HttpResponse:
    """The page that shows the secret, this once."""
    context = {"desk": desk, "row": row, "rotated": rotated, "back": desk.path("webhook", row.pk)}
    return render(request, "host/webhook_secret.html", context)


def _made(request: HttpRequest, desk: Desk, form: NewWebhookForm) -> Endpoint | None:
    """The new webhook; None when the form says why there is none."""
    typed = {name: form.cleaned_data[name] for name in ("url", "name", "events")}
    key = _NEW.key(request, about=desk.venue.pk)
    try:
        rate_limits.check(request, rate_limits.CREATE, "webhook")
        return commands.create_endpoint(venue=desk.venue, origin=origin_of(request), key=key, actor=desk.actor, **typed)
    except Refused as refused:
        form.refuse(refused)
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.KEYS)
def webhook(request: HttpRequest, desk: Desk, webhook: str) -> HttpResponse:
    """One webhook: what it is, what was sent, and what it answered."""
    row = _row(desk, webhook)
    form = WebhookForm(request.POST if request.method == "POST" else None, row=row)
    change = partial(commands.change_endpoint, row.pk, venue_id=desk.venue.pk, actor=desk.actor)
    if form.is_valid() and form.carried_out(lambda: change(**form.cleaned_data)):
        messages.success(request, "The webhook is changed.")
        return SeeOther(desk.path("webhook", row.pk))
    attempts = [(each, selectors.id_of(each)) for each in selectors.newest_attempts(row)]
    context = {
        "desk": desk,
        "row": row,
        "form": form,
        "replay": ReplayForm(),
        "attempts": attempts,
        "next_try_at": selectors.next_tries([row]).get(row.pk),
    }
    return render(request, "host/webhook.html", context, status=form.status)


@require_POST
@at_desk(Right.KEYS)
def rotate(request: HttpRequest, desk: Desk, webhook: str) -> HttpResponse:
    """A new secret, shown by this answer alone."""
    row = _row(desk, webhook)
    row = commands.rotate_secret(row.pk, venue_id=desk.venue.pk, actor=desk.actor)
    return _secret(request, desk, row, rotated=True)


@require_POST
@at_desk(Right.KEYS)
def act(request: HttpRequest, desk: Desk, webhook: str, action: str) -> HttpResponse:
    """A button of the page."""
    row = _row(desk, webhook)
    if (do := _ACTIONS.get(action)) is None:
        raise Http404("no such action")
    try:
        messages.success(request, do(request, desk, row))
    except Refused as refused:
        messages.error(request, refused.message)
    return SeeOther(desk.path("webhooks") if action == "remove" else desk.path("webhook", row.pk))


def _row(desk: Desk, webhook: str) -> Endpoint:
    try:
        return selectors.endpoint_of(desk.venue, webhook)
    except NotFound:
        raise Http404("no such webhook") from None


def _test(request: HttpRequest, desk: Desk, row: Endpoint) -> str:
    rate_limits.check(request, rate_limits.WEBHOOK_SEND, "webhook-send")
    outcome = by_hand.send_test(row)
    return f"Test: {'taken' if outcome.taken else 'not taken'}, {outcome.detail}."


def _send_again(request: HttpRequest, desk: Desk, row: Endpoint) -> str:
    rate_limits.check(request, rate_limits.WEBHOOK_SEND, "webhook-send")
    outcome = by_hand.send_again(row, selectors.event_of(row, request.POST.get("id", "")))
    return f"Sent again: {'taken' if outcome.taken else 'not taken'}, {outcome.detail}."


def _replay(request: HttpRequest, desk: Desk, row: Endpoint) -> str:
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return "Choose a day and a time."
    # Typed without a zone: it is the venue's.
    since: datetime.datetime = form.cleaned_data["since"].replace(tzinfo=ZoneInfo(desk.venue.zone or "UTC"))
    told = commands.replay(row.pk, venue_id=desk.venue.pk, since=since, actor=desk.actor)
    return f"Everything since then is sent again: {told} lines, polls and rooms."


def _enable(request: HttpRequest, desk: Desk, row: Endpoint) -> str:
    commands.enable_endpoint(row.pk, venue_id=desk.venue.pk, actor=desk.actor)
    return "The webhook is enabled. It goes on where it stopped."


def _remove(request: HttpRequest, desk: Desk, row: Endpoint) -> str:
    commands.remove_endpoint(row.pk, venue_id=desk.venue.pk, actor=desk.actor)
    return "The webhook is removed."


_ACTIONS = {"test": _test, "send-again": _send_again, "replay": _replay, "enable": _enable, "remove": _remove}
