"""Each form that saves settings of a venue, or of a table, service or other thing of the venue: what one person types in it,
and what another person saves first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils import timezone

from core.change import durable
from guests import commands as guest_commands
from guests.models import Guest
from polls import commands as polls
from polls.models import Poll
from queues import commands as lines
from queues import contacts
from queues.models import Party, Queue
from reach.models import Channels
from reach.text_models import Provider
from retention.models import Keeping
from tests.venues.people_of_venue import venue_with_people
from venues import commands as venues
from venues.models import HoursException, Membership, OpeningHours, Service, Venue
from venues.tables import Table
from webhooks import commands as webhooks
from webhooks.models import Endpoint

Typed = Mapping[str, object]
NUMBER = "+34612345678"


@dataclass
class House:
    """A venue with one of each thing."""

    venue: Venue
    service: Service
    table: Table
    webhook: Endpoint
    poll: Poll
    line: Queue
    guest: Guest
    date: HoursException

    @property
    def host(self) -> Membership:
        """The venue's host."""
        return Membership.objects.get(venue=self.venue, user__email="host@example.com")


def a_house() -> House:
    venue = venue_with_people()
    guest_commands.change_history(venue_id=venue.pk, on=True)
    line = lines.open_line(lines.NewLine(event_name="Dinner", max_guests=9), venue=venue)
    lines.join(line.pk, name="Ann", contact=contacts.Contact(number=NUMBER))
    with durable():
        guest_commands.recognise([Party.objects.get(queue=line).pk])
    table, *_ = venues.add_tables(venue_id=venue.pk, names=["T1", "T2", "T3"], seats=4)
    day = timezone.now().date().replace(year=timezone.now().year + 1, day=24)
    return House(
        venue=venue,
        service=venues.create_service(venue_id=venue.pk, name="Dinner", max_guests=40, call_window_s=120),
        table=table,
        webhook=webhooks.create_endpoint(
            venue=venue, url="https://till.example/", name="Till", origin="https://a.example"
        ),
        poll=polls.create(polls.NewPoll(title="Cake?", choices=["Yes", "No"]), venue=venue),
        line=line,
        guest=Guest.objects.get(venue=venue),
        date=venues.set_exception(venue_id=venue.pk, service_id=None, day=day, name="Eve"),
    )


@dataclass(frozen=True)
class Case:
    """A form: the page that has it, what I type and what another person types, and how each says what the other saved."""

    page: Callable[[House], str]
    mine: Typed
    theirs: Typed
    # What the page says that stands now, and that I typed.
    now: str
    typed: str
    # What is kept: unchanged by a form that was refused.
    kept: Callable[[House], Any]


def fresh(row: Model, *names: str) -> list[object]:
    """These fields of the row, as they are kept."""
    row.refresh_from_db()
    return [getattr(row, name) for name in names]


def on(path: str) -> Callable[[House], str]:
    """A page of the venue, with the ids of its things."""
    return lambda house: path.format(house=house)


def of_venue(*names: str) -> Callable[[House], Any]:
    return lambda house: fresh(house.venue, *names)


def rows(model: type[Model], *names: str) -> Callable[[House], Any]:
    return lambda house: list(model._default_manager.order_by("pk").values_list(*names))


VENUE = on("/venue")
GATEWAY = {"kind": "gateway", "url": "https://sms.example/", "sender": "Casa", "currency": "EUR", "price": "0.05"}
# By the name of the form's route.
CASES: dict[str, Case] = {
    "venue-settings": Case(
        VENUE, {"name": "Casa Rosa"}, {"name": "Casa Verde"}, "Casa Verde", "Casa Rosa", of_venue("name", "slug")
    ),
    "venue-clock": Case(
        VENUE, {"largest_party": "12"}, {"largest_party": "14"}, "14", "12", of_venue("timezone", "largest_party")
    ),
    "venue-joining": Case(
        VENUE, {"names_on_wall": "on"}, {"here_only": "on"}, "yes", "no", of_venue("here_only", "names_on_wall")
    ),
    "venue-after": Case(VENUE, {"ask_after_min": "60"}, {"ask_after_min": "90"}, "90", "60", of_venue("ask_after_min")),
    "venue-look": Case(
        VENUE, {"accent": "#aa2211"}, {"menu_url": "https://a.example/menu"}, "https://a.example/menu", "nothing",
        of_venue("accent", "menu_url"),
    ),
    "venue-words": Case(VENUE, {"en": "Ring twice"}, {"en": "Knock"}, "Knock", "Ring twice", of_venue("words")),
    "tables-order": Case(on("/venue/tables"), {"passed_over": "5"}, {"passed_over": "6"}, "6", "5", of_venue("passed_over")),
    "table": Case(
        on("/venue/tables/{house.table.pk}"), {"seats": "6"}, {"seats": "8"}, "8", "6",
        lambda house: [*fresh(house.table, "name", "seats", "section"), house.table.joins.count()],
    ),
    "service": Case(
        on("/venue/services/{house.service.pk}"), {"friday": "18:00-23:00", "max_guests": "41"},
        {"friday": "17:00-23:00"}, "17:00", "18:00",
        lambda house: [fresh(house.service, "name", "max_guests"), rows(OpeningHours, "weekday", "opens")(house)],
    ),
    "new-date": Case(
        on("/venue/services"), {"date": "{house.date.date}", "spans": "12:00-15:00", "name": "Short"},
        {"date": "{house.date.date}", "spans": "18:00-20:00", "name": "Feast"}, "Feast", "Short",
        rows(HoursException, "date", "spans", "name"),
    ),
    "venue-reach": Case(
        on("/venue/reach"), {"fallback_s": "50"}, {"fallback_s": "90", "way_2": "email"}, "90", "50",
        rows(Channels, "ways", "fallback_s"),
    ),
    "texts": Case(
        on("/venue/sms"), GATEWAY, {**GATEWAY, "sender": "Azul", "cap": "9"}, "Azul", "Casa",
        rows(Provider, "kind", "url", "sender", "cap_micros"),
    ),
    "privacy": Case(on("/venue/privacy"), {"days": "10"}, {"days": "20"}, "20", "10", rows(Keeping, "days")),
    "guest-history": Case(
        on("/venue/guests"), {"months": "10"}, {"months": "20"}, "20", "10", of_venue("guest_history", "guest_months")
    ),
    "webhook": Case(
        on("/venue/webhooks/{house.webhook.pk}"), {"name": "Bar"}, {"url": "https://b.example/"}, "https://b.example/",
        "https://till.example/", rows(Endpoint, "url", "name", "events"),
    ),
    "change-role": Case(
        on("/venue/people"), {"role": "manager"}, {"role": "owner"}, "Owner", "Manager", rows(Membership, "role")
    ),
    "party-guest": Case(
        on("/queue/{house.line.code}/host/guest/1"), {"notes": "Window", "vip": "on"}, {"notes": "Bar"}, "Bar", "Window",
        lambda house: fresh(house.guest, "notes", "vip", "not_welcome"),
    ),
    "poll-edit": Case(
        on("/polls/{house.poll.code}/host/edit"), {"title": "Pie?", "choices": ["Yes", "No"]},
        {"title": "Tart?", "choices": ["Yes", "No", "Both"]}, "Tart?", "Pie?",
        lambda house: [fresh(house.poll, "title", "version"), list(house.poll.choices.values_list("text", flat=True))],
    ),
}  # fmt: skip
