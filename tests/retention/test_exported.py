"""The export of one guest has everything that is kept of them: a word planted in each personal column of the party is in it. And
only the guest gets what is theirs: what a venue knows of a number, only who has proved it."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone

from guests import commands as guest_commands
from guests.models import Guest
from outbox.models import Event
from queues.models import Party, Queue
from reach.models import Contact
from retention import table
from retention.commands import erase_party
from retention.declared import GUESTS, NOT_EXPORTED
from tests.database_clock import DatabaseClock
from tests.queues.page_client import join
from tests.retention.conftest import GUESTS as WORDS
from tests.retention.conftest import full_line
from tests.retention.test_late import a_message
from venues.models import Venue

pytestmark = pytest.mark.django_db(transaction=True)
# How the rows of a party are found where that is no column `party`.
OF_PARTY = {
    "queues.Party": "pk",
    "guests.Guest": "visits__party",
    "analytics.Fact": "party_id",
    "outbox.Event": "party_id",
}
EXPORTED = [
    (label, name) for label, names in GUESTS.items() for name in names if name not in NOT_EXPORTED.get(label, {})
]


@pytest.fixture
def party(watch: DatabaseClock, venue: Venue) -> Party:
    """A guest of whom there is a row in each table."""
    guest_commands.change_history(venue_id=venue.pk, on=True)
    found = full_line(venue).parties.get(ticket=1)
    with transaction.atomic():
        guest_commands.recognise([found.pk])
    a_message(found)
    found.said.create(venue=venue, by="guest", channel="sms", text="x", at=watch.now, outside_id="SM1")
    return found


def planted(label: str, name: str) -> Any:
    """A word of this column alone, as the column takes it."""
    word = {"number": "canary number", "language": "canary-l"}.get(name, f"canary {label} {name}"[:60])
    return [word] if name == "ways" else {"page": word} if name == "meta" else word


@pytest.mark.thorough
def test_a_word_in_each_personal_column_is_in_the_export(party: Party) -> None:
    words = {}
    for label, name in EXPORTED:
        if (label, name) == ("outbox.Event", "changes"):
            continue  # below
        model: type[models.Model] = apps.get_model(label)
        rows = model._default_manager.filter(**{OF_PARTY.get(label, "party"): party.pk})
        words[label, name] = value = planted(label, name)
        changed = model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True))).update(**{name: value})
        assert changed, f"no row of {label} for a party: make one above"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_event SET changes = replace(changes::text, %s, 'canary of changes')::jsonb", [WORDS.name]
        )
    told = json.dumps(table.export(Party.objects.get(pk=party.pk)))
    missing = [key for key, value in words.items() if json.dumps(value)[1:-1].strip("[]") not in told]
    assert missing == [], "say it in the slice's export, or in NOT_EXPORTED why not"
    assert "canary of changes" in told
    assert "canary of changes" in str(list(Event.objects.values_list("changes", flat=True)))


def test_what_is_left_out_is_a_column_of_guests() -> None:
    for label, names in NOT_EXPORTED.items():
        assert names.keys() <= GUESTS[label].keys()


def known_guest(venue: Venue, line: Queue, browser: Client, *, proven: bool) -> tuple[Party, Guest]:
    """A guest joins in this browser and types a number that the venue knows and has noted something of."""
    guest_commands.change_history(venue_id=venue.pk, on=True)
    theirs = Guest.objects.create(
        venue=venue,
        number=WORDS.number,
        notes="Tips well",
        vip=True,
        first_at=timezone.now(),
        seen_at=timezone.now(),
    )
    party = join(browser, line, name="Mallory")
    at = timezone.now() if proven else None
    Contact.objects.create(party=party, number=WORDS.number, verified_at=at, changed_at=timezone.now())
    with transaction.atomic():
        guest_commands.recognise([party.pk])
    return party, theirs


@pytest.mark.thorough
@pytest.mark.parametrize("proven", [True, False])
def test_only_who_has_proved_the_number_sees_and_ends_what_is_known_of_it(
    watch: DatabaseClock, venue: Venue, proven: bool
) -> None:
    line, browser = full_line(venue), Client()
    party, theirs = known_guest(venue, line, browser, proven=proven)
    page = f"/queue/{line.code}/data"
    told = json.loads(browser.post(page).content)["guests"]
    assert (told.get("notes") == "Tips well") is proven and ("shown" not in told) is proven
    assert ("Tips well" in browser.get(page).content.decode()) is proven
    assert table.export(Party.objects.get(pk=party.pk))["guests"]["notes"] == "Tips well", "the host sees it"
    asks = browser.get(f"/queue/{line.code}/erase").content.decode()
    assert ("What the restaurant knows of your number stays" in asks) is not proven
    browser.post(f"/queue/{line.code}/erase")
    assert Party.objects.get(pk=party.pk).erased_at is not None
    assert Guest.objects.filter(pk=theirs.pk).exists() is not proven, "anybody may have typed the number"
    assert not hasattr(Party.objects.get(pk=party.pk), "guest_visit")


@pytest.mark.thorough
def test_a_guest_erases_no_other_ticket_than_their_own(watch: DatabaseClock, venue: Venue) -> None:
    line, mine, other = full_line(venue), Client(), Client()
    party, theirs = join(mine, line, name="Ana"), join(other, line, name="Ben")
    for party_id in (str(theirs.pk)[:-1], "", str(venue.pk)):
        mine.post(f"/queue/{line.code}/erase", {"place": party_id, "ticket": str(theirs.ticket)})
    assert not Party.objects.filter(pk=theirs.pk, erased_at__isnull=False).exists()
    mine.post(f"/queue/{line.code}/erase", {"ticket": str(party.ticket)})
    assert Party.objects.get(pk=party.pk).erased_at is not None
    assert Party.objects.get(pk=theirs.pk).name == "Ben"


@pytest.mark.thorough
def test_staff_end_what_is_known_of_a_number_that_nobody_proved(watch: DatabaseClock, venue: Venue) -> None:
    line = full_line(venue)
    party, theirs = known_guest(venue, line, Client(), proven=False)
    erase_party(line.pk, party_id=party.pk, reason="asked")
    assert not Guest.objects.filter(pk=theirs.pk).exists()
