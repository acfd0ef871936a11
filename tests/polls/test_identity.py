"""Who a voter is: one by every way in, as long as a poll may be open; what is shown lets no other client be that voter."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from polls.models import Ballot, Poll
from polls.proof_of_work import proves
from tests.page_client import page
from tests.polls.api_client import JSON, Maker
from tests.polls.database_polls import ballot, cast, counts, made, sound
from tests.polls.page_client import ballot_in, line_poll, own_path, poll_by_form, vote, vote_path, vote_state
from tests.queues.page_client import join

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]
DAYS_400 = str(400 * 24 * 3600)


def ballots_of(poll: Poll) -> int:
    """Rows."""
    return Ballot.objects.filter(poll_id=poll.pk).count()


# ---------------------------------------------------------------------------------------------------------------- ways in
def by_form(client: Client, poll: Poll, choice: int, ballot_id: str) -> Any:
    """The page's form, without script."""
    return client.post(own_path(poll), {"ballot": ballot_id, "choices": [str(choice)]})


def by_outbox(client: Client, poll: Poll, choice: int, ballot_id: str) -> Any:
    """Where the page's script sends to."""
    body = {"ballotId": ballot_id, "choices": [choice]}
    return client.post(f"{vote_path(poll)}/ballot", body, JSON, headers={"origin": "http://testserver"})


def by_api(client: Client, poll: Poll, choice: int, ballot_id: str) -> Any:
    """Our own API."""
    return client.post(f"/api/polls/{poll.pk}/ballots", {"ballotId": ballot_id, "choices": [choice]}, JSON)


def by_session(client: Client, poll: Poll, choice: int, ballot_id: str) -> Any:
    """The older session API."""
    return client.post(f"/api/vote/{poll.pk}", {"ballotId": ballot_id, "choiceIds": [str(choice + 1)]}, JSON)


WAYS: list[Callable[..., Any]] = [by_form, by_outbox, by_api, by_session]


@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("first", WAYS)
def test_a_browser_is_one_voter_by_every_way_in(first: Any, second: Any) -> None:
    poll, browser = made(may_change=True), Client()
    page(browser, own_path(poll))
    assert first(browser, poll, 0, str(uuid4())).status_code in {201, 303}
    assert second(browser, poll, 2, str(uuid4())).status_code in {201, 303}
    assert counts(poll) == [0, 0, 1] and sound(poll)


@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("first", WAYS)
def test_a_ballot_id_is_one_ballot_by_every_way_in_and_from_every_browser(first: Any, second: Any) -> None:
    poll, ballot_id = made(), str(uuid4())
    browsers = [Client() for _ in range(3)]
    for browser in browsers:
        page(browser, own_path(poll))
    assert first(browsers[0], poll, 1, ballot_id).status_code in {201, 303}
    assert second(browsers[1], poll, 1, ballot_id.upper()).status_code in {201, 303}, "the first's receipt"
    assert second(browsers[2], poll, 0, ballot_id).status_code == 409
    assert counts(poll) == [0, 1, 0] and sound(poll)


@pytest.mark.parametrize("way", WAYS)
def test_the_cookie_is_lax_lasts_as_long_as_a_poll_may_and_is_renewed_by_each_use(way: Any) -> None:
    poll, browser = made(may_change=True), Client()
    seen = set()
    for choice in (0, 1):
        for answer in (browser.get(own_path(poll)), way(browser, poll, choice, str(uuid4()))):
            cookie = answer.cookies["voter_token"]
            assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("Lax", "/", DAYS_400)
            assert cookie["httponly"]
            seen.add(cookie.value)
    assert len(seen) == 1 and counts(poll) == [0, 1, 0]


def test_a_browser_that_lost_its_token_is_still_the_voter_of_the_ballot_it_shows() -> None:
    poll, browser = made(may_change=True), Client()
    vote(browser, poll, 0)
    for way, choice in ((by_form, 1), (by_outbox, 2)):
        del browser.cookies["voter_token"]
        form = page(browser, f"{own_path(poll)}?change=1")
        assert vote_state(form) == "form" and "Your vote is in." in form
        assert way(browser, poll, choice, str(uuid4())).status_code in {201, 303}
    assert counts(poll) == [0, 0, 1] and sound(poll)


# ---------------------------------------------------------------------------------------------- what is shown opens nothing
@pytest.mark.parametrize("way", WAYS)
def test_a_ballot_s_number_and_its_choices_give_no_other_browser_its_vote(way: Any) -> None:
    poll, voter, thief = made(may_change=True, visibility="after_voting"), Client(), Client()
    vote(voter, poll, 1)
    number = str(Ballot.objects.get(poll_id=poll.pk).ballot_id)
    own = voter.cookies["voter_token"].value
    page(thief, own_path(poll))
    answer = way(thief, poll, 1, number)  # the same choices: all that a receipt shows
    assert f"ballot_{poll.code}" not in answer.cookies
    assert all(own != each.value for each in answer.cookies.values())
    thief.cookies[f"ballot_{poll.code}"] = number
    assert vote_state(page(thief, own_path(poll))) == "form", "a number is no proof"
    assert thief.get(f"/api/polls/{poll.pk}/results").json()["hidden"]
    way(thief, poll, 2, str(uuid4()))
    assert counts(poll) == [0, 1, 1], "the thief's own vote, and the other's as it was"
    assert vote_state(page(voter, own_path(poll))) == "counted"


def test_tokens_have_nothing_to_do_with_ids() -> None:
    poll, ballot_id = made(), str(uuid4())
    tokens = {by_api(Client(), poll, 1, ballot_id).cookies["voter_token"].value for _ in range(4)}
    assert len(tokens) == 4 and all(len(token) >= 32 for token in tokens)


@pytest.mark.parametrize("token", ['"a\\073 Domain=evil.example"', "a b", "x" * 500, "é"])
def test_a_made_up_cookie_is_a_voter_and_is_not_echoed(token: str) -> None:
    poll, browser = made(), Client()
    browser.cookies["voter_token"] = token
    for choice, status in ((0, 201), (1, 409)):
        answer = by_api(browser, poll, choice, str(uuid4()))
        assert answer.status_code == status and "voter_token" not in answer.cookies


def test_one_proof_of_work_is_one_ballot() -> None:
    maker = Maker(workBits=6)
    ballot_id = uuid4()
    work = next(n for n in range(10_000) if proves(UUID(str(maker.poll.pk)), ballot_id, n, bits=6))
    answers = [
        maker.vote(1, ballotId=str(ballot_id), work=work, token=f"browser number {n}").status_code for n in range(100)
    ]
    assert answers == [201] * 100 and maker.results()["ballots"] == 1


# ---------------------------------------------------------------------------------------------------------------- tickets
def leave_and_join(guest: Client, line: Any) -> None:
    """Gives the place back and takes another."""
    left = guest.post(f"/queue/{line.code}/leave", {"confirmed": "yes"})
    assert left.status_code in {200, 303}, left.content
    join(guest, line)


@pytest.mark.parametrize("way", [by_form, by_outbox])
def test_a_guest_who_leaves_and_joins_again_has_one_vote(way: Any) -> None:
    host, guest = Client(), Client()
    line, poll = line_poll(host)
    join(guest, line)
    first = guest.cookies[f"place_{line.code}"].value
    assert way(guest, poll, 0, ballot_in(page(guest, own_path(poll)))).status_code in {201, 303}
    leave_and_join(guest, line)
    assert guest.cookies[f"place_{line.code}"].value != first
    assert vote_state(page(guest, own_path(poll))) == "counted"
    assert way(guest, poll, 1, str(uuid4())).status_code == 409
    del guest.cookies[f"ballot_{poll.code}"]
    assert vote_state(page(guest, own_path(poll))) == "counted"
    assert way(guest, poll, 1, str(uuid4())).status_code == 409
    other = Client()
    join(other, line, name="Bea")
    assert way(other, poll, 1, ballot_in(page(other, own_path(poll)))).status_code in {201, 303}
    assert counts(poll)[:2] == [1, 1] and ballots_of(poll) == 2 and sound(poll)


def test_by_the_api_a_ticket_s_vote_is_the_browser_s_too() -> None:
    host, browser = Client(), Client()
    line, poll = line_poll(host)
    parties = []
    for name in ("Ana", "Bea"):
        answer = Client().post(f"/api/queue/{line.code}/join", {"name": name}, JSON)
        parties.append(answer.json()["partyId"])
    statuses = [
        browser.post(
            f"/api/polls/{poll.pk}/ballots", {"ballotId": str(uuid4()), "choices": [0], "partyId": party}, JSON
        ).status_code
        for party in parties
    ]
    assert statuses == [201, 409] and ballots_of(poll) == 1
    assert by_api(Client(), poll, 0, str(uuid4())).status_code == 401


def test_a_new_round_is_a_new_vote_for_a_ticket_s_browser() -> None:
    host, guest = Client(), Client()
    line, poll = line_poll(host)
    join(guest, line)
    vote(guest, poll, 0)
    assert host.post(f"/polls/{poll.code}/host/reset").status_code == 303
    assert vote_state(page(guest, own_path(poll))) == "form"
    vote(guest, poll, 1)
    assert counts(poll)[:2] == [0, 1] and sound(poll)


# ---------------------------------------------------------------------------------------------------------- codes, addresses
def test_a_one_time_code_is_one_voter_on_every_device() -> None:
    host, tablet, phone = Client(), Client(), Client()
    poll = poll_by_form(host, dedupe="code", may_change="on")
    sheet = host.post(f"/polls/{poll.code}/host/codes", {"count": "2"}).content.decode()
    ann, bob = (part.partition(">")[2].partition("<")[0].strip() for part in sheet.split('class="code"')[1:3])
    vote(tablet, poll, 0, code=ann)
    vote(tablet, poll, 1, ballot=str(uuid4()), code=bob)
    assert counts(poll)[:2] == [1, 1], "two people, one device"
    vote(phone, poll, 2, ballot=str(uuid4()), code=ann)
    assert counts(poll) == [0, 1, 1], "one person, two devices: the vote is changed"
    assert ballots_of(poll) == 2 and sound(poll)


def test_a_phone_that_changes_its_network_has_one_vote_per_address_poll() -> None:
    poll, phone = made(dedupe="address"), Client()
    assert by_outbox(phone, poll, 0, str(uuid4())).status_code == 201
    phone.defaults["REMOTE_ADDR"] = "198.51.100.7"
    assert by_outbox(phone, poll, 1, str(uuid4())).status_code == 409
    assert Client(REMOTE_ADDR="198.51.100.7").get(own_path(poll)).status_code == 200
    assert counts(poll) == [1, 0, 0]
    assert cast(ballot(poll, "another", 1)).receipt is not None
