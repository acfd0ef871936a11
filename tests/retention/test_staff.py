"""Staff erase and export one guest: by the API with a key of the right scope, in the admin, and all tickets of one number."""

import json
from typing import Any

import pytest
from django.test import Client

from core.actors import HOST
from outbox.models import Event
from queues import commands as lines
from queues.contacts import Contact
from queues.models import Party, Queue
from retention import commands, selectors
from tests.database_clock import DatabaseClock
from tests.retention.conftest import GUESTS, full_line
from tests.retention.everything import in_tables
from tests.retention.test_erasure import signed_in
from tests.retention.test_forgetting import reconciled
from venues import commands as venue_commands
from venues.models import Venue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(watch: DatabaseClock, venue: Venue) -> Queue:
    return full_line(venue)


def program(venue: Venue, *scopes: str) -> Client:
    return Client(headers={"api-key": venue_commands.create_api_key(venue=venue, name="till", scopes=list(scopes))[1]})


def asked(client: Client, line: Queue, what: str, **body: Any) -> Any:
    return client.post(f"/api/queue/{line.code}/{what}-party", json.dumps(body), content_type="application/json")


def first(line: Queue) -> Party:
    return line.parties.get(ticket=1)


@pytest.mark.thorough
def test_a_program_exports_and_erases_and_again_does_nothing(line: Queue, venue: Venue) -> None:
    till, party = program(venue, "line"), str(first(line).pk)
    told = asked(till, line, "export", partyId=party).json()
    assert (told["queues"]["name"], told["reach"]["number"]) == (f"{GUESTS.name} I", GUESTS.number)
    for _ in range(2):
        answer = asked(till, line, "erase", partyId=party, reason="asked")
        assert (answer.status_code, answer.json()) == (200, {"ok": True, "others": []})
    assert Event.objects.filter(type="QUEUE_MEMBER_ERASED").count() == 1
    assert Event.objects.get(type="QUEUE_MEMBER_ERASED").data["reason"] == "asked"
    assert in_tables([GUESTS.number, GUESTS.email, GUESTS.endpoint]) == []
    assert asked(till, line, "export", partyId=party).json()["queues"]["name"] == ""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({}, 400, "partyId"),
        ({"partyId": "x"}, 400, "reason"),
        ({"partyId": "{own}"}, 400, "reason"),
        ({"partyId": "{own}", "reason": "because Quillfeather says so"}, 400, "reason"),
        ({"partyId": "{own}", "reason": "ticket"}, 400, "reason"),
        ({"partyId": "{own}", "reason": "asked", "sameNumber": "yes"}, 400, "sameNumber"),
        ({"partyId": "x", "reason": "asked"}, 404, "not in line"),
        ({"partyId": "{venue}", "reason": "asked"}, 404, "not in line"),
        ({"partyId": "{venue}", "reason": "asked", "sameNumber": True}, 404, "not in line"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(
    line: Queue, venue: Venue, body: dict[str, Any], status: int, says: str
) -> None:
    ids = {"{own}": str(first(line).pk), "{venue}": str(venue.pk)}
    sent = {name: ids.get(str(value), value) for name, value in body.items()}
    answer = asked(program(venue, "line"), line, "erase", **sent)
    assert (answer.status_code, says in answer.json()["error"]) == (status, True), answer.json()
    assert not Party.objects.exclude(erased_at=None).exists()


@pytest.mark.thorough
def test_who_may_not_is_refused(line: Queue, venue: Venue) -> None:
    party = str(first(line).pk)
    other = venue_commands.create_venue(name="Red Door", timezone_name="UTC")
    for client, status in (
        (Client(), 401), (program(venue, "read", "polls", "reports", "webhooks"), 403), (program(other, "line"), 403),
    ):  # fmt: skip
        for what in ("export", "erase"):
            assert asked(client, line, what, partyId=party, reason="asked").status_code == status
    assert (
        asked(program(venue, "line"), Queue(code="ZZZZZZ"), "erase", partyId=party, reason="asked").status_code == 404
    )
    assert first(line).erased_at is None


def tickets_of_one_number(venue: Venue, line: Queue) -> tuple[list[Party], Party]:
    """Three tickets with the number of the first guest, in this line and two others; and one of another venue with it."""
    lunch = lines.open_line(lines.NewLine(event_name="Lunch", max_guests=9), venue=venue)
    bar = lines.open_line(lines.NewLine(event_name="Bar", max_guests=9), venue=venue)
    number = Contact(number=GUESTS.number)
    mine = [
        lines.join(each.pk, name=f"{GUESTS.name} {each.event_name}", contact=number).party
        for each in (line, lunch, bar)
    ]
    lines.close(bar.pk)
    elsewhere = venue_commands.create_venue(name="Red Door", timezone_name="UTC")
    there = lines.open_line(lines.NewLine(event_name="Bar", max_guests=9), venue=elsewhere)
    return mine, lines.join(there.pk, name="Ana", contact=number).party


@pytest.mark.thorough
def test_all_tickets_of_a_number_go_with_one_where_staff_say_so(line: Queue, venue: Venue) -> None:
    mine, of_another = tickets_of_one_number(venue, line)
    party = first(line)
    token = lines.open_line(lines.NewLine(event_name="Own", max_guests=9))  # a line without a venue has no others
    assert selectors.same_number(lines.join(token.pk, contact=Contact(number=GUESTS.number)).party) == []
    owner, page = signed_in(venue, "owner"), f"/queue/{line.code}/host/data/1"
    shown = owner.get(page).content.decode()
    assert "Also 3 more with this number" in shown and "Red Door" not in shown
    answer = asked(program(venue, "line"), line, "erase", partyId=str(party.pk), reason="asked", sameNumber=True)
    assert set(answer.json()["others"]) == {str(each.pk) for each in mine}
    assert not Party.objects.filter(pk__in=[party.pk, *(each.pk for each in mine)], erased_at=None).exists()
    assert Party.objects.get(pk=of_another.pk).name == "Ana"
    assert in_tables([f"{GUESTS.name} {name}" for name in ("Lunch", "Bar")]) == []
    assert "no differences" in reconciled()


@pytest.mark.thorough
def test_a_hosts_page_erases_others_only_for_who_is_signed_in_and_ticks_it(line: Queue, venue: Venue) -> None:
    mine, _ = tickets_of_one_number(venue, line)
    host, page = signed_in(venue, "host"), f"/queue/{line.code}/host/data/1"
    host.post(page, {"reason": "asked"})
    assert Party.objects.filter(pk__in=[each.pk for each in mine], erased_at=None).count() == 3
    shown = host.post(
        f"/queue/{line.code}/host/data/{mine[0].ticket}", {"reason": "asked", "same_number": "on"}, follow=True
    )
    assert "and of 2 more with the same number" in shown.content.decode()
    assert not Party.objects.filter(pk__in=[each.pk for each in mine], erased_at=None).exists()


@pytest.mark.thorough
def test_a_host_token_erases_in_its_own_line_alone(line: Queue, venue: Venue) -> None:
    tickets_of_one_number(venue, line)
    made = program(venue, "line").post(
        "/api/queue/create", json.dumps({"eventName": "Own", "maxGuests": 9}), content_type="application/json"
    )
    own = Queue.objects.get(code=made.json()["code"])
    party = lines.join(own.pk, name="Ben", contact=Contact(number=GUESTS.number)).party
    by_token = Client(headers={"x-host-auth": made.json()["hostAuthToken"]})
    refused = asked(by_token, own, "erase", partyId=str(party.pk), reason="asked", sameNumber=True)
    assert refused.status_code == 403 and "sameNumber" in refused.json()["error"]
    assert not Party.objects.exclude(erased_at=None).exists()
    assert asked(by_token, own, "erase", partyId=str(party.pk), reason="asked").status_code == 200


@pytest.mark.thorough
def test_staff_erase_in_the_admin_for_a_reason(line: Queue, venue: Venue) -> None:
    person = venue_commands.create_host(email="staff@example.com", venue=venue, password="x" * 12)
    person.is_staff = True
    person.save()
    staff, party = Client(), first(line)
    staff.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    lines.close(line.pk)
    assert "Erase the guest" in staff.get(f"/admin/queues/party/{party.pk}/change/").content.decode()
    sent = {"action": "erase_guest", "_selected_action": [str(party.pk)], "back_to_page": "1"}
    question = staff.post("/admin/queues/party/", sent).content.decode()
    assert 'name="reason"' in question and GUESTS.name not in question
    shown = staff.post("/admin/queues/party/", {**sent, "confirmed": "yes", "reason": "because"}, follow=True)
    assert "Not done for no. 1" in shown.content.decode()
    assert first(line).erased_at is None
    shown = staff.post("/admin/queues/party/", {**sent, "confirmed": "yes", "reason": "duty"}, follow=True)
    assert f"Erased: no. 1 of {line}" in shown.content.decode()
    assert "Erase the guest" not in staff.get(f"/admin/queues/party/{party.pk}/change/").content.decode()
    event = Event.objects.get(type="QUEUE_MEMBER_ERASED")
    assert (event.data["reason"], event.actor, event.actor_user_id) == ("duty", "staff", person.pk)


@pytest.mark.thorough
def test_what_is_erased_by_number_goes_on_where_it_ended(line: Queue, venue: Venue, monkeypatch: Any) -> None:
    """The asked ticket is the last: it has the number, by which the others are found again."""
    mine, _ = tickets_of_one_number(venue, line)
    erase = commands.erase_party
    done: list[Any] = []

    def fails_once(line: Any, **options: Any) -> None:
        if len(done) == 2:
            done.append(None)
            raise RuntimeError("the process dies here")
        done.append(options["party_id"])
        erase(line, **options)

    monkeypatch.setattr(commands, "erase_party", fails_once)
    ask: Any = {"party_id": first(line).pk, "reason": "asked", "actor": HOST}
    with pytest.raises(RuntimeError):
        commands.erase_guest(line.pk, **ask)
    assert len(commands.erase_guest(line.pk, **ask)) == 1
    assert not Party.objects.filter(pk__in=[each.pk for each in mine], erased_at=None).exists()
