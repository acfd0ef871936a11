"""Rounds of a poll: what a reset does, and what becomes of votes of an older round."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from msgspec.structs import replace

from core import clock
from core.errors import Conflict, Invalid
from outbox.models import Event
from polls import ballots, commands, receipts
from polls.models import Poll
from polls.outcomes import Status
from polls.receipts import receipt_view
from polls.refusals import EARLIER_ROUND
from tests.page_client import page
from tests.polls.api_client import JSON, Maker, refused
from tests.polls.database_polls import HOUR, ballot, cast, counts, made, over, sound, sql
from tests.polls.page_client import ballot_in, own_path, poll_by_form, vote_state
from tests.polls.signing_phone import Phone

pytestmark = pytest.mark.django_db


def ms(moment: datetime) -> int:
    """As the API writes a time."""
    return int(moment.timestamp() * 1000)


# ---------------------------------------------------------------------------------------------------------------- reset
@pytest.mark.parametrize("swept", [True, False])
def test_a_poll_whose_end_is_past_is_reset_with_a_new_end_or_not_at_all(swept: bool) -> None:
    poll = made()
    ballots.record([ballot(poll, n, 1) for n in range(3)])
    over(poll)
    if swept:
        commands.close_if_over(poll.pk)
    before = Poll.objects.get(pk=poll.pk)
    with pytest.raises(Conflict, match="end"):
        commands.reset(poll.pk)
    for wrong in (clock.now(), clock.now() - HOUR):
        with pytest.raises(Invalid, match="end"):
            commands.reset(poll.pk, ends_at=wrong)
    after = Poll.objects.get(pk=poll.pk)
    assert (after.version, after.epoch, counts(poll)) == (before.version, 0, [0, 3, 0]), "nothing was deleted"
    again = commands.reset(poll.pk, ends_at=clock.now() + HOUR)
    assert (again.epoch, again.phase_at(clock.now()), counts(poll)) == (1, "open", [0, 0, 0])
    assert cast(ballot(poll, 1, 2)).status == Status.COUNTED
    over(poll)
    assert commands.reset(poll.pk, ends_at=None).ends_at is None
    assert cast(ballot(poll, 1, 2)).status == Status.COUNTED
    assert sound(poll)


def test_a_reset_over_the_api_says_what_the_poll_is_then() -> None:
    maker = Maker()
    over(maker.poll)
    maker.vote(1)
    refused(maker.act("reset"), 409, "end")
    for wrong in (ms(clock.now() - HOUR), "soon", 7, True):
        refused(maker.client.post(f"{maker.url}/reset", {"end": wrong}, JSON), 400, "end")
    end = ms(clock.now() + HOUR)
    answer = maker.client.post(f"{maker.url}/reset", {"end": end}, JSON)
    assert (answer.status_code, answer.json()["status"], answer.json()["epoch"]) == (200, "open", 1)
    assert maker.client.get(maker.url).json()["end"] == end
    assert maker.vote(0).status_code == 201


def test_a_draft_whose_end_is_past_does_not_open() -> None:
    poll = made(open_now=False)
    over(poll)
    with pytest.raises(Conflict, match="end"):
        commands.open_poll(poll.pk)
    assert Poll.objects.get(pk=poll.pk).status == "draft"


# ---------------------------------------------------------------------------------------------------------------- phases
def times(phase: str) -> dict[str, Any]:
    """Fields of a poll that is open by its status, and in this phase by the clock."""
    now = clock.now()
    return {
        "draft": {},
        "early": {"starts_at": now + HOUR},
        "open": {"starts_at": now - HOUR, "ends_at": now + HOUR},
        "closed": {"ends_at": now - HOUR},
    }[phase]


@pytest.mark.parametrize("phase", ["draft", "early", "open", "closed"])
def test_every_answer_says_the_phase_and_not_the_stored_status(phase: str) -> None:
    maker = Maker(open=phase != "draft")
    Poll.objects.filter(pk=maker.poll.pk).update(**times(phase))
    assert maker.client.get(maker.url).json()["status"] == phase
    assert maker.results(cache="false")["status"] == phase
    opened = maker.act("open")
    if phase == "closed":
        refused(opened, 409, "closed")
    else:
        assert opened.json()["status"] == ("open" if phase == "draft" else phase)
    session = Client().get(f"/api/vote/{maker.poll.pk}").json()
    expected = "open" if phase == "draft" else phase
    assert session["canVote"] == (expected == "open")
    assert session["status"] == ("closed" if phase == "closed" else "active")
    assert bool(session.get("message")) == (expected != "open")


# ---------------------------------------------------------------------------------------------------- votes of other rounds
def test_a_ballot_of_an_older_round_is_refused() -> None:
    poll = made()
    counted, late = ballot(poll, "Ann", 1), ballot(poll, "Bob", 2)
    first = cast(counted)
    commands.reset(poll.pk)
    for old in (replace(late, epoch=0), replace(counted, epoch=0), counted):
        outcome = cast(old)
        assert (outcome.status, outcome.problem, outcome.receipt) == (Status.OTHER_ROUND, EARLIER_ROUND, None)
    assert counts(poll) == [0, 0, 0]
    current = ballots.record([replace(late, epoch=1), replace(ballot(poll, "Ann", 0), epoch=1)])
    assert [each.status for each in current] == [Status.COUNTED] * 2
    assert cast(replace(late, epoch=2)).status == Status.OTHER_ROUND
    commands.close(poll.pk)
    assert cast(counted).status == Status.OTHER_ROUND, "also after the close"
    assert cast(replace(late, epoch=1)).status == Status.ALREADY
    assert counts(poll) == [1, 0, 1] and sound(poll)
    now = Poll.objects.get(pk=poll.pk)
    assert receipts.find(now, counted.ballot_id) is None and receipts.find(now, late.ballot_id) is not None
    assert first.receipt is not None and current[0].receipt is not None
    assert [receipt_view(each.receipt)["epoch"] for each in (first, current[0])] == [0, 1]  # type: ignore[arg-type]


def test_a_receipt_of_one_round_is_none_of_the_next() -> None:
    poll = made()
    at = clock.now()
    seals = {receipts.receipt_of(poll.pk, poll.pk, at, epoch=epoch).seal for epoch in range(5)}
    assert len(seals) == 5


@pytest.mark.thorough
def test_over_http_an_older_round_is_a_conflict_and_every_view_says_the_round() -> None:
    maker, phone, browser = Maker(mayChange=True), Phone(), Client()
    body = phone.body(maker.poll.pk, 1, epoch=0)
    first = browser.post(f"{maker.url}/ballots", body, JSON)
    assert first.status_code == 201 and first.json()["receipt"]["epoch"] == 0
    assert maker.act("reset").json()["epoch"] == 1
    refused(browser.post(f"{maker.url}/ballots", body, JSON), 409, "earlier round")
    unsent = {"ballotId": str(uuid4()), "choices": [0], "epoch": 0}
    refused(browser.post(f"{maker.url}/ballots", unsent, JSON), 409, "earlier round")
    refused(browser.post(f"/api/vote/{maker.poll.pk}", {"choiceIds": ["1"], "epoch": 0}, JSON), 409, "earlier round")
    assert [maker.results()["epoch"], maker.client.get(maker.url).json()["epoch"]] == [1, 1]
    assert maker.vote(0, epoch=1).json()["receipt"]["epoch"] == 1
    wrongs: list[Any] = ["1", -1, 1.5, True, [], 2**40]
    for wrong in wrongs:
        refused(maker.vote(0, epoch=wrong), 400, "epoch")


def test_a_signature_covers_the_round() -> None:
    maker, phone = Maker(), Phone()
    maker.act("reset")
    body = phone.body(maker.poll.pk, 1)
    refused(Client().post(f"{maker.url}/ballots", {**body, "epoch": 1}, JSON), 400, "signature")
    assert Client().post(f"{maker.url}/ballots", phone.body(maker.poll.pk, 1, epoch=1), JSON).status_code == 201


def test_a_form_of_an_older_round_is_shown_anew(host: Client) -> None:
    poll, voter = poll_by_form(host), Client()
    form = page(voter, own_path(poll))
    ballot_id = ballot_in(form)
    assert 'name="epoch" value="0"' in form
    commands.reset(poll.pk)
    answer = voter.post(own_path(poll), {"ballot": ballot_id, "choices": ["1"], "epoch": "0"})
    html = answer.content.decode()
    assert answer.status_code == 409 and vote_state(html) == "form" and EARLIER_ROUND.english in html
    assert 'name="epoch" value="1"' in html and ballot_in(html) != ballot_id
    sent = {"ballot": ballot_in(html), "choices": ["1"], "epoch": "1"}
    assert voter.post(own_path(poll), sent).status_code == 303
    assert vote_state(page(voter, own_path(poll))) == "counted"
    commands.reset(poll.pk)
    assert vote_state(page(voter, own_path(poll))) == "form", "what was counted before is no vote of this round"
    assert counts(poll) == [0, 0, 0]


def test_old_rows_upgrade_with_their_claims() -> None:
    """What migration 0004 does for ballots that were there before claims."""
    poll = made(may_change=True, shards=7)
    sent = [ballot(poll, n % 4, n % 3) for n in range(9)]
    ballots.record(sent)
    there = sorted(sql("SELECT * FROM polls_claim WHERE poll_id = %s", poll.pk))
    sql("DELETE FROM polls_claim")
    statement = import_module("polls.migrations.0004_third_release").CLAIM_WHAT_IS_THERE.partition("DROP INDEX")[0]
    sql(statement.replace("%", "%%"))
    assert sorted(sql("SELECT * FROM polls_claim WHERE poll_id = %s", poll.pk)) == there and len(there) == 9
    assert sound(poll)


def test_times_of_a_reset_are_in_its_event() -> None:
    poll = made()
    over(poll)
    commands.reset(poll.pk, ends_at=clock.now() + timedelta(hours=2))
    told = Event.objects.get(stream_id=poll.pk, type="POLL_RESET").changes
    assert {"epoch", "ends_at", "opened_at"} <= set(told["poll"])
