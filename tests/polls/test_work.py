"""A poll that asks for work: no way of voting goes without it, and the work for one ballot is good for no other."""

from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from polls import casting, proof_of_work, rules
from polls.bodies import Submission
from polls.models import Poll
from tests.contracts.queueup import http
from tests.contracts.queueup import refused as refused_over_http
from tests.installation import Stack
from tests.page_client import page
from tests.polls.api_client import Maker, refused
from tests.polls.database_polls import counts
from tests.polls.page_client import ballot_in, poll_by_form, vote_state
from tests.polls.running_poll import LivePoll

BITS = 10


def is_work(poll_id: Any, ballot_id: Any, number: int, bits: int) -> bool:
    """Spelt out here, for it is a contract with programs and scripts."""
    ids = bytes.fromhex(f"{poll_id}{ballot_id}".replace("-", ""))
    found = int.from_bytes(sha256(ids + number.to_bytes(8, "big")).digest(), "big")
    return f"{found:0256b}"[:bits] == "0" * bits


def done(poll_id: Any, ballot_id: Any) -> int:
    """The work for a ballot."""
    return next(number for number in count() if is_work(poll_id, ballot_id, number, BITS))


@pytest.mark.parametrize("bits", [0, 1, 7, 8, 9, 10])
def test_a_proof_has_as_many_zero_bits_as_asked(bits: int) -> None:
    poll, ballot = uuid4(), uuid4()
    numbers = [*range(3_000), done(poll, ballot), 2**53 - 1]
    proven = {number for number in numbers if proof_of_work.proves(poll, ballot, number, bits=bits)}
    assert proven == {number for number in numbers if is_work(poll, ballot, number, bits)} != set()
    assert (
        proven != {number for number in numbers if proof_of_work.proves(poll, uuid4(), number, bits=bits)} or not bits
    )


@pytest.mark.thorough
@pytest.mark.django_db
def test_the_api_takes_no_ballot_without_its_work() -> None:
    maker, ballot = Maker(workBits=BITS), str(uuid4())
    assert Client().get(maker.url).json()["workBits"] == BITS
    proof = done(maker.made["id"], ballot)
    wrong = next(n for n in count() if not proof_of_work.proves(UUID(maker.made["id"]), UUID(ballot), n, bits=BITS))
    without: list[dict[str, Any]] = [{}, {"work": None}, {"work": wrong}]
    for more in without:
        refused(maker.vote(1, ballotId=ballot, **more), 400, "work: this poll asks for a proof of work of 10 bits.")
    assert counts(maker.poll) == [0, 0]
    answers = [maker.vote(1, ballotId=ballot, work=proof).json()["status"] for _ in range(2)]
    assert answers == ["counted", "already_counted"]
    assert counts(maker.poll) == [0, 1]


def test_the_edge_and_the_older_contracts_take_none_either(stack: Stack) -> None:
    poll, ballot = LivePoll(stack, workBits=BITS), str(uuid4())
    body: dict[str, Any] = {"ballotId": ballot, "choices": [1]}
    own, paper = f"/api/polls/{poll.id}/ballots", f"/vote/{poll.code}/ballot"
    told = {"origin": stack.url()}
    for path in (own, paper):
        refused_over_http(http.post(f"{stack.url()}{path}", json=body, headers=told), 400, "work: ")
    refused_over_http(http.post(f"{stack.url()}/api/vote/{poll.id}", json={"choiceIds": ["1"]}), 400, "work: ")
    assert http.post(f"{stack.url()}/poll/{poll.id}", json={"id": "0"}).status_code == 400
    assert poll.counts(exact=True) == [0, 0]
    body["work"] = done(poll.id, ballot)
    for path, status in ((own, "counted"), (paper, "already_counted")):
        assert http.post(f"{stack.url()}{path}", json=body, headers=told).json()["status"] == status
    assert poll.counts(exact=True) == [0, 1]


@pytest.mark.thorough
@pytest.mark.django_db
def test_a_host_asks_for_it_by_form_and_a_browser_without_scripts_is_told() -> None:
    host = Client()
    poll = poll_by_form(host, asks_work="on")
    assert poll.work_bits == rules.WORK_BITS
    assert "phones work for their vote" in page(host, f"/polls/{poll.code}/host")
    Poll.objects.update(work_bits=BITS)
    voter = Client()
    shown = page(voter, f"/vote/{poll.code}/own")
    assert '<noscript><p class="notice">This vote needs JavaScript' in shown and f'data-work="{BITS}"' in shown
    ballot = ballot_in(shown)
    for wrong in ("", "x", "-1", str(2**60)):
        answer = voter.post(f"/vote/{poll.code}/own", {"ballot": ballot, "choices": ["1"], "work": wrong})
        assert answer.status_code == 400 and vote_state(answer.content.decode()) == "form"
    told = voter.post(f"/vote/{poll.code}/own", {"ballot": ballot, "choices": ["1"]}).content.decode()
    assert 'alert">This vote needs JavaScript' in told
    sent = {"ballot": ballot, "choices": "1", "work": str(done(poll.pk, ballot))}
    assert voter.post(f"/vote/{poll.code}/own", sent).status_code == 303
    assert counts(poll) == [0, 1, 0]


@pytest.mark.django_db
def test_a_draft_keeps_how_much_work_it_asks_for() -> None:
    host = Client()
    poll = poll_by_form(host, open_now="no", asks_work="on")
    Poll.objects.update(work_bits=20)
    form = page(host, f"/polls/{poll.code}/host/edit")
    assert 'name="asks_work" ' in form and "checked" in form.partition('name="asks_work"')[2].partition(">")[0]
    fields = {"title": "Now?", "choices": ["Yes", "No"], "several": "one", "visibility": "always", "dedupe": "token"}
    for more, bits in (({"asks_work": "on"}, 20), ({}, 0)):
        assert host.post(f"/polls/{poll.code}/host/edit", {**fields, "ends_unit": "1", **more}).status_code == 303
        poll.refresh_from_db()
        assert poll.work_bits == bits


def test_polls_that_ask_for_none_do_not_look() -> None:
    casting._check_work(uuid4(), 0, Submission(ballot_id=uuid4(), choices=(0,)))
