"""A voter's pages over HTTP without any script: every state, every refusal."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core import clock
from polls import commands
from polls.models import Ballot, Poll
from polls.pages.access import own_ballot
from tests.page_client import page
from tests.polls.database_polls import counts, made, over, sound
from tests.polls.page_client import ballot_in, vote, vote_state

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------------------------------------------------------- voting
def test_a_phone_votes_sees_its_receipt_and_the_result(voter: Client) -> None:
    poll = made(choices=("Red", "Green", "Blue"))
    form = page(voter, f"/vote/{poll.code}/own")
    assert vote_state(form) == "form" and form.count('type="radio"') == 3 and "Pick one." in form
    html = vote(voter, poll, 1)
    assert vote_state(html) == "counted" and "<h2>Counted</h2>" in html
    ballot = Ballot.objects.get(poll_id=poll.pk)
    assert str(ballot.ballot_id) in html and ">Green</bdi>" in html
    assert "data-percent>100%" in html, "the result is public"
    kept = voter.cookies[f"ballot_{poll.code}"]
    assert (kept["path"], bool(kept["httponly"]), kept["samesite"]) == (f"/vote/{poll.code}", True, "Lax")
    assert kept.value.startswith(f"{ballot.ballot_id}.") and len(kept.value) > 60, (
        "the id, which is shown, proves nothing"
    )
    assert counts(poll) == [0, 1, 0] and sound(poll)
    receipt = page(voter, f"/vote/{poll.code}/receipt")
    assert "Your ballot is in the count" in receipt and str(ballot.ballot_id) in receipt


def test_a_double_tap_and_a_lost_answer_are_one_ballot(voter: Client) -> None:
    poll = made()
    ballot = ballot_in(page(voter, f"/vote/{poll.code}/own"))
    vote(voter, poll, 1, ballot=ballot)
    vote(voter, poll, 1, ballot=ballot)
    assert counts(poll) == [0, 1, 0]

    # Sent, and the answer with its cookie lost: the page, loaded anew, knows the vote; going back does not allow a second vote.
    other = Client()
    first = ballot_in(page(other, f"/vote/{poll.code}/own"))
    second = ballot_in(page(other, f"/vote/{poll.code}/own"))
    assert first != second
    other.post(f"/vote/{poll.code}/own", {"ballot": first, "choices": ["2"]})
    del other.cookies[f"ballot_{poll.code}"]
    assert vote_state(page(other, f"/vote/{poll.code}/own")) == "counted"
    html = vote(other, poll, 0, ballot=second, status=409)
    assert vote_state(html) == "counted" and "This vote was not counted." in html and "voted already" in html
    assert counts(poll) == [0, 1, 1] and sound(poll)


def test_a_vote_counted_while_its_page_is_made_is_the_voters_own(
    voter: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = made()
    ballot = ballot_in(page(voter, f"/vote/{poll.code}/own"))

    def looked_for_too_early(*arguments: Any) -> Any:
        found = own_ballot(*arguments)
        monkeypatch.setattr("polls.pages.guest.own_ballot", own_ballot)
        other_tab = Client()
        other_tab.cookies = voter.cookies
        other_tab.post(f"/vote/{poll.code}/own", {"ballot": ballot, "choices": ["1"]})
        return found

    monkeypatch.setattr("polls.pages.guest.own_ballot", looked_for_too_early)
    assert vote_state(page(voter, f"/vote/{poll.code}/own")) != "voted"
    assert counts(poll) == [0, 1, 0] and vote_state(page(voter, f"/vote/{poll.code}/own")) == "counted"


def test_a_form_without_the_cookie_of_its_page_is_no_vote(voter: Client) -> None:
    poll = made()
    form = page(voter, f"/vote/{poll.code}/own")
    for _ in range(3):
        answer = Client().post(f"/vote/{poll.code}/own", {"ballot": ballot_in(form), "choices": ["0"]})
        assert answer.status_code == 403 and "keeps no cookies" in answer.content.decode()
        assert answer.cookies["voter_token"]["httponly"], "with it the next try is a vote"
    assert counts(poll) == [0, 0, 0]
    vote(voter, poll, 0, ballot=ballot_in(form))
    assert Client().post(f"/vote/{poll.code}/own", {"ballot": ballot_in(form), "choices": ["0"]}).status_code == 303
    assert counts(poll) == [1, 0, 0], "one ballot, however often it comes"


@pytest.mark.parametrize("script", [True, False])
def test_a_browser_without_any_cookie_is_told_so_by_the_page_itself(*, script: bool) -> None:
    """Its form has no proof either; "go back and try again" would lead in a circle."""
    poll = made()
    fields = {"choices": ["0"], "ballot": ballot_in(page(Client(), f"/vote/{poll.code}/own"))} if script else {}
    answer = Client(enforce_csrf_checks=True).post(f"/vote/{poll.code}/own", fields, headers={"Accept-Language": "es"})
    html = answer.content.decode()
    assert answer.status_code == 403 and vote_state(html) == "form"
    assert html.count(">Este navegador no guarda cookies") == 1
    assert counts(poll) == [0, 0, 0]


def test_a_vote_is_changed_where_the_poll_allows_it(voter: Client) -> None:
    poll = made(may_change=True)
    html = vote(voter, poll, 0)
    assert "?change=1" in html
    first = voter.cookies[f"ballot_{poll.code}"].value.partition(".")[0]
    form = page(voter, f"/vote/{poll.code}/own?change=1")
    assert vote_state(form) == "form" and re.search(r'value="0"[^>]* checked', form)
    assert vote_state(vote(voter, poll, 2, ballot=ballot_in(form))) == "counted"
    assert counts(poll) == [0, 0, 1]
    answer = voter.post(f"/vote/{poll.code}/receipt", {"ballot": first})
    assert "This ballot was replaced" in answer.content.decode()
    fixed = made()
    vote(voter, fixed, 0)
    assert vote_state(page(voter, f"/vote/{fixed.code}/own?change=1")) == "counted"


def test_several_choices_are_boxes_and_percent_is_of_voters(voter: Client) -> None:
    poll = made(max_picks=2)
    form = page(voter, f"/vote/{poll.code}/own")
    assert form.count('type="checkbox"') == 3 and "Pick up to 2." in form
    vote(voter, poll, 0, 2)
    assert page(Client(), f"/vote/{poll.code}/results").count("100%") == 2


# -------------------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"choices": []}, "Pick at least one choice."),
        ({"choices": ["0", "1"]}, "Pick one choice only."),
        ({"choices": ["3"]}, "There is no such choice."),
        ({"choices": ["9999"]}, "There is no such choice."),
        ({"choices": ["1" * 400]}, "There is no such choice."),
        ({"choices": ["-1"]}, "There is no such choice."),
        ({"choices": ["²"]}, "There is no such choice."),
        ({"choices": ["one"]}, "There is no such choice."),
        ({"choices": ["1\x00"]}, "There is no such choice."),
        ({"choices": ["1"] * 900}, "A choice was picked twice."),
    ],
)
def test_a_refused_vote_says_why_beside_the_choices(voter: Client, fields: dict[str, Any], complaint: str) -> None:
    poll = made()
    answer = voter.post(f"/vote/{poll.code}/own", {"ballot": str(uuid4()), **fields})
    html = answer.content.decode()
    assert answer.status_code == 400 and vote_state(html) == "form"
    assert f'id="choices-error">{complaint}' in html
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("ballot", ["", "x", "\x00", "a" * 3000])
def test_a_ballot_without_a_good_id_is_asked_for_again(voter: Client, ballot: str) -> None:
    poll = made()
    answer = voter.post(f"/vote/{poll.code}/own", {"ballot": ballot, "choices": ["1"]})
    html = answer.content.decode()
    assert answer.status_code == 400 and "Please send the form again." in html
    assert vote_state(vote(voter, poll, 1, ballot=ballot_in(html))) == "counted", "and the form that is shown is good"


def test_ten_thousand_choices_are_a_designed_refusal(voter: Client) -> None:
    poll = made()
    answer = voter.post(f"/vote/{poll.code}/own", {"ballot": str(uuid4()), "choices": ["1"] * 10_000})
    assert answer.status_code == 400 and "could not read that" in answer.content.decode()


def test_no_vote_is_taken_without_the_forms_proof() -> None:
    poll = made()
    browser = Client(enforce_csrf_checks=True)
    fields = {"ballot": ballot_in(page(browser, f"/vote/{poll.code}/own")), "choices": ["1"]}
    answer = browser.post(f"/vote/{poll.code}/own", fields)
    assert answer.status_code == 403 and "try again" in answer.content.decode()
    assert not Ballot.objects.exists()
    fields["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value
    assert browser.post(f"/vote/{poll.code}/own", fields).status_code == 303


# ---------------------------------------------------------------------------------------------------------------- states
@pytest.mark.thorough
def test_before_it_opens_and_after_it_closed(voter: Client) -> None:
    draft = made(open_now=False)
    assert vote_state(page(voter, f"/vote/{draft.code}/own")) == "draft"
    html = vote(voter, draft, 0, ballot=uuid4(), status=409)
    assert vote_state(html) == "draft" and "This poll is not open yet." in html
    early = made(starts_at=clock.now() + timedelta(hours=1))
    assert "It opens at <time" in page(voter, f"/vote/{early.code}/own")

    poll = made()
    mine = ballot_in(page(voter, f"/vote/{poll.code}/own"))
    vote(voter, poll, 0, ballot=mine)
    late = ballot_in(page(Client(), f"/vote/{poll.code}/own"))
    commands.close(poll.pk)
    other = Client()
    html = vote(other, poll, 0, ballot=late, status=409)
    assert vote_state(html) == "closed" and "<span data-reason>This poll is closed.</span>" in html
    assert vote_state(vote(voter, poll, 0, ballot=mine)) == "counted", "acknowledged once, acknowledged always"
    assert counts(poll) == [1, 0, 0]
    ended = made()
    over(ended)
    assert vote_state(page(Client(), f"/vote/{ended.code}/own")) == "closed"


@pytest.mark.thorough
def test_the_receipt_proves_the_ballot_after_the_close(voter: Client) -> None:
    poll = made()
    for client in (voter, *(Client() for _ in range(4))):
        vote(client, poll, 1)
    ballot = voter.cookies[f"ballot_{poll.code}"].value.partition(".")[0]
    assert "After the close this page proves it" in page(voter, f"/vote/{poll.code}/receipt")
    commands.close(poll.pk)
    html = page(voter, f"/vote/{poll.code}/receipt")
    assert "Proven after the close" in html and re.search(r"[123] steps? leads? from your ballot", html)
    root = Poll.objects.get(pk=poll.pk).root
    assert root in html
    # Elsewhere, with the number written down.
    assert "has no ballot" in page(Client(), f"/vote/{poll.code}/receipt")
    typed = Client().post(f"/vote/{poll.code}/receipt", {"ballot": ballot}).content.decode()
    assert root in typed
    for wrong, status, complaint in (
        (uuid4(), 404, "No ballot"),
        ("x\x00", 400, "not the number"),
        ("", 400, "required"),
    ):
        answer = Client().post(f"/vote/{poll.code}/receipt", {"ballot": wrong})
        assert answer.status_code == status and complaint in answer.content.decode()
    # A ballot altered by hand does not lead to the published digest.
    Poll.objects.filter(pk=poll.pk).update(root="00" * 32)
    assert "The proof is wrong" in page(voter, f"/vote/{poll.code}/receipt")


def test_one_vote_per_address_says_what_to_do(voter: Client) -> None:
    poll = made(dedupe="address")
    vote(voter, poll, 0)
    neighbour = Client()
    html = page(neighbour, f"/vote/{poll.code}/own")
    assert vote_state(html) == "voted" and "Wi-Fi" in html
    ballot = Ballot.objects.get(poll_id=poll.pk)
    assert str(ballot.ballot_id) not in html, "another's receipt is another's"
    assert "has no ballot" in page(neighbour, f"/vote/{poll.code}/receipt")
    assert vote_state(page(voter, f"/vote/{poll.code}/own")) == "counted"


@pytest.mark.thorough
def test_a_one_time_code_is_good_once_in_any_writing(voter: Client) -> None:
    poll = made(dedupe="code")
    good, spare = commands.add_codes(poll.pk, count=2)
    assert 'name="code"' in page(voter, f"/vote/{poll.code}/own")
    for code, status, complaint in (
        ("", 400, "Type the code"), ("ABCD-EFGH", 403, "This code is not known"), ("a\x00", 400, "Null characters"),
        ("x" * 21, 400, "20 characters"), ("????", 403, "not known"),
    ):  # fmt: skip
        html = vote(voter, poll, 1, code=code, status=status)
        assert vote_state(html) == "form" and complaint in html
        assert re.search(r'value="1"[^>]* checked', html), "what was picked stays picked"
    assert vote_state(vote(voter, poll, 1, code=f" {good.lower().replace('-', ' ')} ")) == "counted"
    html = vote(Client(), poll, 1, code=good, status=409)
    assert "You have voted already" in html
    assert vote_state(vote(Client(), poll, 0, code=spare)) == "counted"
    assert counts(poll) == [1, 1, 0]
