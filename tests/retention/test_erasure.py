"""One guest sees, downloads and ends what is kept of them, from their ticket; a host does it for them, with a reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core.errors import Invalid
from outbox.models import Event
from push.models import Subscription
from queues import commands as lines
from queues.models import Party, Queue
from reach.models import Message
from retention import commands, rules
from retention.models import Keeping
from tests.database_clock import DatabaseClock
from tests.queues.page_client import join
from tests.retention.conftest import GUESTS, full_line
from tests.retention.everything import in_tables
from tests.retention.test_forgetting import reconciled
from venues import commands as venue_commands
from venues.models import Venue

pytestmark = pytest.mark.django_db(transaction=True)


def first_of(line: Queue) -> Party:
    return line.parties.get(ticket=1)


@pytest.mark.thorough
def test_an_erased_guest_is_in_no_table_and_others_of_the_line_are_untouched(
    watch: DatabaseClock, venue: Venue
) -> None:
    line = full_line(venue)
    others = line.parties.exclude(ticket=1).order_by("ticket")
    before = list(others.values())
    commands.erase_party(line.pk, party_id=first_of(line).pk)
    assert in_tables([f'{GUESTS.name} I"', GUESTS.number, GUESTS.email, GUESTS.endpoint, GUESTS.page]) == []
    assert list(others.values()) == before
    assert in_tables([f"{GUESTS.name} II"]), "the other party is known"
    assert not Subscription.objects.exists()
    assert "no differences" in reconciled()
    event = Event.objects.get(type="QUEUE_MEMBER_ERASED")
    assert (event.data["reason"], event.actor) == (rules.GUEST_ASKED, "guest")
    version = Queue.objects.get(pk=line.pk).version
    commands.erase_party(line.pk, party_id=first_of(line).pk)
    assert Queue.objects.get(pk=line.pk).version == version, "a second time does nothing"


@pytest.mark.thorough
def test_mails_to_the_guest_that_lie_in_files_go_too(
    watch: DatabaseClock, venue: Venue, settings: Any, tmp_path: Path
) -> None:
    line, settings.DATA_DIR, settings.EMAIL_URL = full_line(venue), tmp_path, ""
    sent = [message_by_mail(line, ticket) for ticket in (1, 2)]
    (tmp_path / "mail").mkdir()
    files = [tmp_path / "mail" / f"{each.pk}.eml" for each in sent]
    for file in files:
        file.write_text(f"To: {GUESTS.email}")
    commands.erase_party(line.pk, party_id=first_of(line).pk)
    assert [file.exists() for file in files] == [False, True]
    assert list(Message.objects.values_list("provider_id", flat=True).order_by("provider_id")) == ["", "id of 2"]


def message_by_mail(line: Queue, ticket: int) -> Message:
    """A mail that went to this party."""
    party = line.parties.get(ticket=ticket)
    at = line.opened_at
    return Message.objects.create(
        queue=line, party_id=party.pk, kind="called", way="email", state="sent", made_at=at, due_at=at, sent_at=at,
        provider_id=f"id of {ticket}",
    )  # fmt: skip


@pytest.mark.thorough
def test_a_guest_in_line_leaves_first_and_no_undo_brings_them_back(watch: DatabaseClock, venue: Venue) -> None:
    code = lines.open_line(lines.NewLine(event_name="Lunch", max_guests=9), venue=venue).code
    party = lines.join(code, name=GUESTS.name).party
    lines.edit_party(code, party_id=party.pk, note=GUESTS.note)
    commands.erase_party(code, party_id=party.pk)
    party.refresh_from_db()
    assert (party.status, party.name, party.note) == (Party.Status.LEFT, "", "")
    lines.undo(code)  # of the note: an empty one becomes an empty one
    assert in_tables([GUESTS.name, GUESTS.note]) == []
    assert "no differences" in reconciled()


@pytest.mark.thorough
@pytest.mark.parametrize("reason", ["", "because Quillfeather says so"])
def test_staff_give_a_reason_of_the_list(watch: DatabaseClock, venue: Venue, reason: str) -> None:
    line = full_line(venue)
    with pytest.raises(Invalid) as refused:
        commands.erase_party(line.pk, party_id=first_of(line).pk, reason=reason)
    assert refused.value.field == "reason"
    assert first_of(line).erased_at is None


@pytest.mark.thorough
def test_a_guest_downloads_and_erases_from_the_ticket(watch: DatabaseClock, venue: Venue) -> None:
    line, guest = lines.open_line(lines.NewLine(event_name="Lunch", max_guests=9), venue=venue), Client()
    party = join(guest, line, name=GUESTS.name)
    page = f"/queue/{line.code}/data"
    assert f'href="{page}?ticket=1"' in guest.get(f"/queue/{line.code}/ticket").content.decode()
    shown = guest.get(page).content.decode()
    assert GUESTS.name in shown
    assert "30 days after this line closes" in shown
    answer = guest.post(page)
    assert answer["Content-Disposition"] == f'attachment; filename="tallyline-{line.code}-1.json"'
    kept = json.loads(answer.content)
    assert kept["queues"]["name"] == GUESTS.name
    assert [each["type"] for each in kept["queues"]["history"]] == ["QUEUE_MEMBER_JOINED"]
    asked = guest.get(f"/queue/{line.code}/erase").content.decode()
    assert "You leave the line with it" in asked
    party.refresh_from_db()
    assert party.erased_at is None, "asking erases nothing"
    answer = guest.post(f"/queue/{line.code}/erase", follow=True)
    assert "Nothing personal is kept any more." in answer.content.decode()
    assert in_tables([GUESTS.name]) == []
    assert json.loads(guest.post(page).content)["queues"]["name"] == ""


@pytest.mark.thorough
def test_a_strangers_browser_sees_how_long_and_nothing_of_anybody(watch: DatabaseClock, venue: Venue) -> None:
    line = full_line(venue)
    party, stranger, page = first_of(line), Client(), f"/queue/{line.code}/data"
    shown = stranger.get(page).content.decode()
    assert "What is kept how long" in shown
    assert GUESTS.name not in shown
    assert stranger.post(page).status_code == 404
    assert stranger.post(page, {"place": str(venue.pk)}).status_code == 404
    stranger.post(f"/queue/{line.code}/erase", {"ticket": "1"})
    assert first_of(line).erased_at is None
    # The party's id is the proof in another browser, as everywhere; it is posted, for an address is logged.
    assert stranger.get(page, {"place": str(party.pk)}).content.decode().count(GUESTS.name) == 0
    assert json.loads(stranger.post(page, {"place": str(party.pk)}).content)["reach"]["number"] == GUESTS.number


def signed_in(venue: Venue, role: str) -> Client:
    person = venue_commands.create_host(email=f"{role}@example.com", venue=venue, password="x" * 12, role=role)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.thorough
def test_a_host_erases_with_a_reason(watch: DatabaseClock, venue: Venue) -> None:
    line = full_line(venue)
    host, page = signed_in(venue, "host"), f"/queue/{line.code}/host/data/1"
    assert Client().get(page).status_code in (302, 403)
    assert GUESTS.number in host.get(page).content.decode()
    assert json.loads(host.post(f"{page}/file").content)["queues"]["ticket"] == 1
    refused = host.post(page, {"reason": ""})
    assert refused.status_code == 400
    assert first_of(line).erased_at is None
    shown = host.post(page, {"reason": "duty"}, follow=True).content.decode()
    assert "All that was personal of #1 is erased." in shown
    event = Event.objects.get(type="QUEUE_MEMBER_ERASED")
    assert (event.data["reason"], event.actor) == ("duty", "host")
    assert host.get(f"/queue/{line.code}/host/data/99").status_code == 404


def found(owner: Client, venue: Venue, line: str, ticket: str) -> str:
    """Where the owner is led who looks for a ticket."""
    return owner.post(f"/venue/privacy/guest?venue={venue.pk}", {"line": line, "ticket": ticket})["Location"]


@pytest.mark.thorough
def test_an_owner_sets_the_days_and_sees_what_was_forgotten(watch: DatabaseClock, venue: Venue) -> None:
    line = full_line(venue)
    owner, page = signed_in(venue, "owner"), f"/venue/privacy?venue={venue.pk}"
    assert signed_in(venue, "host").get(page).status_code == 403
    assert "Nothing yet." in owner.get(page).content.decode()
    for days in ("0", "3651", "many", ""):
        assert owner.post(page, {"days": days}).status_code == 400
    assert not Keeping.objects.exists()
    assert "Guests are kept for 7 days now." in owner.post(page, {"days": "7"}, follow=True).content.decode()
    lines.close(line.pk)
    assert "1 closed line waits for its time" in owner.get(page).content.decode()
    watch.forward(days=8)
    call_command("forget")
    shown = " ".join(owner.get(page).content.decode().split())
    assert '<th scope="row">31 Mar 2026</th><td>1</td><td>3</td><td>1</td><td>1</td>' in shown
    assert found(owner, venue, line.code.lower(), "2") == f"/queue/{line.code}/host/data/2"
    for code, ticket in ((line.code, "99"), ("", ""), (line.code, "x")):
        assert found(owner, venue, code, ticket).startswith("/venue/privacy?")


@pytest.mark.thorough
def test_operators_erase_one_guest_and_list_erasures(watch: DatabaseClock, venue: Venue, capsys: Any) -> None:
    line = full_line(venue)
    with pytest.raises(CommandError, match="--reason"):
        call_command("forget", line=line.code, ticket=1)
    with pytest.raises(CommandError, match="no ticket 99"):
        call_command("forget", line=line.code, ticket=99, reason="asked")
    call_command("forget", line=line.code, ticket=1, reason="asked")
    capsys.readouterr()
    call_command("forget", list=True)
    assert capsys.readouterr().out == f"2026-03-23T11:00:00Z {line.code} 1 asked\n"


@pytest.mark.thorough
def test_a_list_of_erasures_is_done_again_after_a_restore(
    watch: DatabaseClock, venue: Venue, capsys: Any, tmp_path: Path
) -> None:
    line, listed = full_line(venue), tmp_path / "erased"
    listed.write_text(
        f"2026-03-23T11:00:00Z {line.code} 1 asked\n2026-03-23T11:00:01Z {line.code} 2 ticket\n"
        "2026-03-23T11:00:02Z GONE22 5 duty\n"
    )
    for _ in range(2):  # the second time nothing is left to do
        call_command("forget", "--again", str(listed))
        assert capsys.readouterr().out == "2 guests are erased, 1 of the list are not here.\n"
    assert set(line.parties.exclude(name="").values_list("ticket", flat=True)) == {3}
    call_command("forget", list=True)
    assert [row.split()[1:] for row in capsys.readouterr().out.splitlines()] == [
        [line.code, "1", "asked"],
        [line.code, "2", "ticket"],
    ]
    listed.write_text(f"now {line.code} 3 because\nnonsense\n")
    with pytest.raises(CommandError, match=r"(?s)reason must be one of.*'nonsense' is no line"):
        call_command("forget", "--again", str(listed))
    assert line.parties.get(ticket=3).erased_at is None
