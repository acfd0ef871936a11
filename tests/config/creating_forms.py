"""The forms of our pages that make something, in browsers without scripts."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.test import Client

from core.actors import SYSTEM
from outbox.models import Event
from polls.models import OneTimeCode, Poll
from queues.commands import NewLine
from queues.commands import open_line as open_a_line
from queues.models import Party, Queue
from rooms.models import Room
from tests.config.shown_forms import Maker
from tests.polls.page_client import POLL_FORM, poll_by_form
from tests.queues.page_client import LINE_FORM, join, line_by_form
from tests.rooms.page_client import ROOM_FORM
from venues import commands as venue_commands
from venues.models import ApiKey, HoursException, Invitation, Membership, Service, User, Venue
from venues.pairing import PairingCode, device_token, digits_of
from webhooks.models import Endpoint

PASSWORD = "long enough"


def sign_in_as_member(browser: Client) -> Venue:
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="Europe/Madrid")
    user = User.objects.create_user("ana@example.com", PASSWORD)
    Membership.objects.create(venue=venue, user=user)
    browser.force_login(user)
    return venue


def open_line(browser: Client) -> Maker:
    """Without an account."""
    return Maker(browser, "/", "home", LINE_FORM, {**LINE_FORM, "event_name": "Lunch"}, Queue.objects.count)


def open_line_of_venue(browser: Client) -> Maker:
    """Among a person's own lines."""
    fields = {**LINE_FORM, "venue": str(sign_in_as_member(browser).pk)}
    return Maker(browser, "/lines", "lines", fields, {**fields, "event_name": "Lunch"}, Queue.objects.count)


def new_poll(browser: Client) -> Maker:
    """Without an account."""
    return Maker(browser, "/polls/new", "new-poll", POLL_FORM, {**POLL_FORM, "title": "Wine?"}, Poll.objects.count)


def new_poll_of_line(browser: Client) -> Maker:
    """For the people in a line."""
    path = f"/polls/new?line={line_by_form(browser).code}"
    fields = {name: value for name, value in POLL_FORM.items() if name != "dedupe"}
    return Maker(browser, path, "new-poll", fields, {**fields, "title": "Wine?"}, Poll.objects.count)


def new_poll_of_venue(browser: Client) -> Maker:
    """By a signed-in person."""
    fields = {**POLL_FORM, "venue": str(sign_in_as_member(browser).pk)}
    return Maker(browser, "/polls/new", "new-poll", fields, {**fields, "title": "Wine?"}, Poll.objects.count)


def new_room(browser: Client) -> Maker:
    """Without an account."""
    return Maker(browser, "/rooms/new", "new-room", ROOM_FORM, {**ROOM_FORM, "title": "Wine?"}, Room.objects.count)


def walk_in(browser: Client) -> Maker:
    """On the console."""
    fields = {"name": "Ben", "size": "2"}
    count = Party.objects.filter(walk_in=True).count
    console = f"/queue/{line_by_form(browser).code}/host"
    return Maker(browser, console, "walk-in", fields, {**fields, "name": "Cem"}, count)


def message(browser: Client) -> Maker:
    """A message to all parties in line."""
    fields, other = {"text": "The kitchen closes at ten"}, {"text": "The kitchen is open"}
    count = Event.objects.filter(type="QUEUE_MESSAGE_SENT").count
    return Maker(browser, f"/queue/{line_by_form(browser).code}/host", "message", fields, other, count)


def let_pass(browser: Client) -> Maker:
    """On the ticket."""
    line = line_by_form(Client())
    join(browser, line)
    for _ in range(4):
        join(Client(), line)
    count = Event.objects.filter(type="QUEUE_MEMBER_LET_PASS").count
    path = f"/queue/{line.code}/ticket"
    return Maker(browser, path, "let-pass", {"parties": "1"}, {"parties": "2"}, count)


def one_time_codes(browser: Client) -> Maker:
    """On the page of a poll."""
    poll = poll_by_form(browser, dedupe="code")
    count = OneTimeCode.objects.filter(poll=poll).count
    return Maker(
        browser, f"/polls/{poll.code}/host", "poll-codes", {"count": "3"}, {"count": "2"}, lambda: -(-count() // 3)
    )


def invite_person(browser: Client) -> Maker:
    """By the owner, by a link."""
    venue = sign_in_as_member(browser)
    Membership.objects.filter(venue=venue).update(role="owner")
    return Maker(browser, "/venue/people", "people", {"role": "host"}, {"role": "manager"}, Invitation.objects.count)


def new_service(browser: Client) -> Maker:
    """By the owner of a venue."""
    venue = sign_in_as_member(browser)
    Membership.objects.filter(venue=venue).update(role="owner")
    fields = {"name": "Dinner", "max_guests": "40", "call_window_s": "120", "last_entry_min": "30"}
    typed = {**fields, "friday": "18:00-23:00"}
    path = "/venue/services/new"
    return Maker(browser, path, "new-service", typed, {**typed, "name": "Lunch"}, Service.objects.count)


def new_api_key(browser: Client) -> Maker:
    """By the owner of a venue; the answer shows the key."""
    venue = sign_in_as_member(browser)
    Membership.objects.filter(venue=venue).update(role="owner")
    fields = {"name": "Website", "scopes": ["read", "line"], "expires": "90"}
    return Maker(browser, "/venue/keys", "api-keys", fields, fields | {"name": "Till"}, ApiKey.objects.count)


def new_webhook(browser: Client) -> Maker:
    """By the owner of a venue; the answer shows the secret."""
    venue = sign_in_as_member(browser)
    Membership.objects.filter(venue=venue).update(role="owner")
    typed = {"url": "https://till.example.com/", "name": "Till"}
    return Maker(browser, "/venue/webhooks", "webhooks", typed, {**typed, "name": "Site"}, Endpoint.objects.count)


def device_code(browser: Client) -> Maker:
    """By a manager, for a tablet."""
    venue = sign_in_as_member(browser)
    Membership.objects.filter(venue=venue).update(role="manager")
    count = PairingCode.objects.count
    return Maker(browser, "/venue/devices", "devices", {"name": "Bar"}, {"name": "Door"}, count)


def kiosk_join(browser: Client) -> Maker:
    """By a guest, on the tablet at the door."""
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="Europe/Madrid")
    code = venue_commands.offer_device_code(venue_id=venue.pk, name="Door", actor=SYSTEM)
    device = venue_commands.pair_device(digits=digits_of(code.pk), described="", key="a tablet").device
    assert device is not None
    venue_commands.begin_kiosk(venue_id=venue.pk, device_id=device.pk, pin="2468")
    browser.cookies["device_token"] = device_token(code.pk)
    open_a_line(NewLine(event_name="Dinner", max_guests=40), venue=venue)
    fields = {"name": "Ben", "size": "2"}
    return Maker(browser, "/kiosk", "kiosk", fields, {**fields, "name": "Cem"}, Party.objects.count)


def _admin(browser: Client, model: type[Model], typed: dict[str, Any], *, other: dict[str, Any] | None = None) -> Maker:
    """The page on which staff add a row; the other text differs in `other`, or has another name."""
    browser.force_login(User.objects.get_or_create(email="boss@example.com", is_staff=True, is_superuser=True)[0])
    app, name = model._meta.app_label, str(model._meta.model_name)
    naming = next(field for field in ("email", "title", "name") if field in typed)
    other = other or {naming: f"other-{typed[naming]}"}
    before = model._default_manager.count()
    return Maker(
        browser,
        f"/admin/{app}/{name}/add/",
        f"{app}_{name}_add",
        typed,
        {**typed, **other},
        lambda: model._default_manager.count() - before,
    )


def add_venue(browser: Client) -> Maker:
    """In the admin, as those below."""
    return _admin(browser, Venue, {"name": "Nopa", "timezone": "UTC", "largest_party": "8", "day_ends": "04:00"})


def add_account(browser: Client) -> Maker:
    """A person who may sign in."""
    passwords = {"usable_password": "true", "password1": "correct horse battery", "password2": "correct horse battery"}
    return _admin(browser, User, {"email": "new@example.com", **passwords})


def add_role(browser: Client) -> Maker:
    """A new person in a venue."""
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="UTC")
    fields = {"venue": str(venue.pk), "email": "new@example.com", "role": "host", "password": "correct horse battery"}
    return _admin(browser, Membership, fields)


def add_api_key(browser: Client) -> Maker:
    """Whose answer shows the key."""
    return _admin(
        browser,
        ApiKey,
        {
            "venue": str(venue_commands.create_venue(name="Casa Azul", timezone_name="UTC").pk),
            "name": "Website",
            "scopes": ["polls"],
            "expires": "",
        },
    )


def add_service(browser: Client) -> Maker:
    """Of a venue."""
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="America/New_York")
    fields = {"name": "Dinner", "position": "0", "max_guests": "40", "call_window_s": "120", "last_entry_min": "30"}
    fields |= {"on_my_way_s": "300"}
    return _admin(browser, Service, {**fields, "venue": str(venue.pk), "friday": "18:00-23:00"})


def add_exception(browser: Client) -> Maker:
    """A date on which a venue is closed."""
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="America/New_York")
    fields = {"venue": str(venue.pk), "date": "2027-12-24", "name": "Christmas Eve"}
    return _admin(browser, HoursException, fields, other={"date": "2027-12-25"})


def add_poll(browser: Client) -> Maker:
    """By staff, for a venue."""
    fields = {
        "title": "Wine?", "choices": "Red\nWhite", "min_picks": "1", "max_picks": "1", "visibility": "always", "dedupe": "token",
        "shards": "1", "work_bits": "0", "venue": str(venue_commands.create_venue(name="Casa Azul", timezone_name="UTC").pk),
    }  # fmt: skip
    return _admin(browser, Poll, fields)


MAKERS: list[Callable[[Client], Maker]] = [
    open_line, open_line_of_venue, new_poll, new_poll_of_line, new_poll_of_venue, new_room, walk_in, message, let_pass,
    one_time_codes, invite_person, new_service, new_api_key, new_webhook, device_code, kiosk_join,
    add_venue, add_account, add_role, add_api_key,
    add_service, add_exception, add_poll,
]  # fmt: skip
