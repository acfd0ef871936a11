"""The owner's page of SMS and WhatsApp: who carries them, when they rest, what they may cost, and what they did cost."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import clock, rate_limits
from core.errors import Refused
from reach import channels, commands, numbers, segments, texting
from reach.commands import spending
from reach.pages.text_forms import TextsForm, money
from reach.providers import Channel, Fate
from reach.text_models import Provider, Spent
from venues.days import business_day
from venues.origins import origin_of
from venues.owner_pages import Desk, at_desk
from venues.roles import Right
from web.redirects import SeeOther

DAYS_SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.KEYS)
def texts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The settings; what each of the last days cost. The answer that makes a gateway's secret shows it, this once."""
    form = TextsForm(request.POST if request.method == "POST" else None, venue=desk.venue)
    if form.is_valid():
        kept: list[str] = []

        def save() -> None:
            texts, saw = form.texts(), form.cleaned_data["saw"]
            made = commands.set_texts(
                venue_id=desk.venue.pk, texts=texts, origin=origin_of(request), saw=saw, actor=desk.actor
            )
            kept.append(made[1])

        if form.carried_out(save):
            if kept[0]:
                return _secret(request, desk, kept[0])
            messages.success(request, "Kept.")
            return SeeOther(desk.path("texts"))
    row = form.row
    offered = "number" in channels.addresses(channels.of_venue(desk.venue.pk).ways)
    context = {"desk": desk, "form": form, "row": row, "offered": offered, "order": desk.path("venue-reach")}
    context |= {**_addresses(row), **_costs(desk, row)}
    return render(request, "host/texts.html", context, status=form.status)


def _addresses(row: Provider | None) -> dict[str, str]:
    """Where the provider brings what guests write."""
    if row is None:
        return {}
    name = "gateway-says" if row.kind == Provider.Kind.GATEWAY else "twilio-heard"
    return {"heard_at": row.origin + reverse(name, args=[row.pk])}


def _costs(desk: Desk, row: Provider | None) -> dict[str, Any]:
    venue = desk.venue
    today = business_day(clock.now(), venue.timezone, venue.day_ends)
    days = list(Spent.objects.filter(venue=venue).order_by("-day", "-pk")[:DAYS_SHOWN])
    spent = next((each for each in days if each.day == today), Spent())
    cap = row.cap_micros if row else None
    full = cap is not None and (spent.micros >= cap or spent.held_back > 0)
    return {
        "days": [{"cost": money(each.micros), "row": each} for each in days],
        "today": money(spent.micros),
        "cap": money(cap) if cap is not None else "",
        "reached": full,
        "nearly": cap is not None and not full and spent.micros >= cap * spending.WARNED_AT,
    }


def _secret(request: HttpRequest, desk: Desk, secret: str) -> HttpResponse:
    """The page that shows the gateway's secret, this once."""
    row = Provider.objects.get(venue=desk.venue)
    context = {"desk": desk, "secret": secret, "back": desk.path("texts"), **_addresses(row)}
    return render(request, "host/texts_secret.html", context)


@require_POST
@at_desk(Right.KEYS)
def act(request: HttpRequest, desk: Desk, action: str) -> HttpResponse:
    """A button of the page."""
    if action not in ("secret", "test", "remove"):
        raise Http404("no such action")
    try:
        if action == "secret":
            return _secret(request, desk, commands.new_gateway_secret(venue_id=desk.venue.pk, actor=desk.actor))
        if action == "test":
            _test(request, desk)
        else:
            commands.remove_texts(venue_id=desk.venue.pk, actor=desk.actor)
            messages.success(request, "Texts are switched off.")
    except Refused as refused:
        messages.error(request, refused.message)
    return SeeOther(desk.path("texts"))


def _test(request: HttpRequest, desk: Desk) -> None:
    """Sends one text to the number that was typed, and says what came of it."""
    rate_limits.check(request, rate_limits.WEBHOOK_SEND, "texts-test")
    venue = desk.venue
    number = numbers.parse(request.POST.get("number", ""), region=numbers.region_of(venue.timezone))
    channel = Channel.WHATSAPP if request.POST.get("channel") == Channel.WHATSAPP else Channel.SMS
    body = segments.shortest(f"{venue.name}: texts arrive on this phone.")
    counted = segments.count(body).count
    paid = spending.pay(venue_id=venue.pk, number=number, channel=channel, segments=counted, answers=True)
    if paid.provider is None:
        messages.error(request, f"Not sent: {paid.refused}.")
        return
    posted = texting.post(paid.provider, channel, key=uuid4(), to=number, body=body)
    spending.settle(paid, posted)
    if posted.fate == Fate.TAKEN:
        messages.success(request, "The provider has taken it.")
    else:
        messages.error(request, f"Not taken: {posted.detail}.")
