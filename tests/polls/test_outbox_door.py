"""POST /vote/{code}/ballot, where phones' outboxes send to: on the edge, and Django's view behind it."""

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.test import Client

from polls.models import Ballot
from tests.contracts.queueup import http
from tests.installation import Stack
from tests.page_client import page
from tests.polls.page_client import line_poll, own_path, poll_by_form, vote_path, vote_state
from tests.polls.running_poll import LivePoll
from tests.polls.signing_phone import Phone
from tests.queues.page_client import join

BAD_SIGNATURE = {"error": "signature: does not fit this ballot and key.", "code": "bad_signature"}


class Answer(NamedTuple):
    """Of either door."""

    status: int
    body: Any
    cookies: SimpleCookie


class EdgePoll(LivePoll):
    """A poll of the running program."""

    def send(self, body: dict[str, Any], *, origin: str | None = None, path: str = "", **headers: str) -> Answer:
        """As the poll's own page does, unless another origin is given ("": none)."""
        sent = {"origin": self.stack.url() if origin is None else origin, **headers}
        sent = {name: value for name, value in sent.items() if value}
        answer = http.post(f"{self.stack.url()}{path or f'/vote/{self.code}/ballot'}", json=body, headers=sent)
        cookies = SimpleCookie()
        for each in answer.headers.get_list("set-cookie"):
            cookies.load(each)
        return Answer(answer.status_code, answer.json(), cookies)

    def rows(self) -> int:
        """Ballots in Postgres."""
        count: int = self.stack.sql("SELECT count(*) AS n FROM polls_ballot WHERE poll_id = %s", self.id)[0]["n"]
        return count


@pytest.fixture
def poll(stack: Stack) -> EdgePoll:
    """Open, with two choices."""
    return EdgePoll(stack)


def test_a_signed_ballot_is_counted_once_with_the_cookies_of_the_page(poll: EdgePoll) -> None:
    body = Phone().body(poll.id, 1)
    first = poll.send(body)
    assert (first.status, first.body["status"]) == (201, "counted"), first
    assert first.body["receipt"]["ballotId"] == body["ballotId"]
    kept = first.cookies[f"ballot_{poll.code}"]
    assert (kept["path"], kept["samesite"], kept["httponly"]) == (f"/vote/{poll.code}", "Lax", True)
    token = first.cookies["voter_token"]
    assert (token["samesite"], token["path"], token["httponly"], token["max-age"]) == ("Lax", "/", True, "34560000")
    # The answer was lost, and the cookies with it; the phone has another address.
    again = poll.send({**body}, **{"x-forwarded-for": "198.51.100.7"})
    assert (again.status, again.body["status"]) == (201, "already_counted")
    assert again.body["receipt"] == first.body["receipt"]
    assert poll.rows() == 1


def test_the_page_is_told_in_its_own_language_why(poll: EdgePoll) -> None:
    body = {"ballotId": str(uuid4()), "choices": [9]}
    answer = poll.send(body, **{"accept-language": "es"})
    assert (answer.status, answer.body) == (400, {"error": "Esta opción no existe.", "code": "no_such_choice"})
    assert poll.send(body).body == {"error": "There is no such choice.", "code": "no_such_choice"}


@pytest.mark.parametrize("origin", ["", "https://evil.example", "null"])
def test_only_our_own_pages_may_send_there(origin: str, poll: EdgePoll) -> None:
    answer = poll.send(Phone().body(poll.id, 1), origin=origin)
    assert (answer.status, answer.body) == (403, {"error": "This origin is not allowed.", "code": "foreign_origin"})
    assert poll.rows() == 0


def test_a_wrong_signature_is_refused_by_name_and_others_are_counted(poll: EdgePoll) -> None:
    answer = poll.send({**Phone().body(poll.id, 1), "choices": [0]})
    assert (answer.status, answer.body) == (
        400,
        {"error": "signature: does not fit this ballot and key.", "code": "bad_signature"},
    )
    assert poll.rows() == 0
    assert poll.send({"ballotId": str(uuid4()), "choices": [0]}).status == 201, "an old client signs nothing"


def test_the_api_takes_signed_ballots_too(poll: EdgePoll) -> None:
    body = Phone().body(poll.id, 1)
    assert http.post(poll.url("/ballots"), json=body).status_code == 201
    changed = {**body, "choices": [0], "token": "somebody-else"}
    assert http.post(poll.url("/ballots"), json=changed).status_code == 400
    assert poll.counts(exact=True) == [0, 1]


def test_after_the_close_it_is_refused_with_the_reason_unless_it_was_counted(poll: EdgePoll) -> None:
    counted, late = Phone().body(poll.id, 1), Phone().body(poll.id, 0)
    first = poll.send(counted)
    poll.act("close")
    assert poll.send({**counted}).body["receipt"] == first.body["receipt"]
    refused = poll.send({**late})
    assert (refused.status, refused.body) == (409, {"error": "This poll is closed.", "code": "poll_closed"})


def test_below_a_line_that_is_not_its_own_there_is_no_such_poll(poll: EdgePoll) -> None:
    line = poll.stack.open_line()
    answer = poll.send(Phone().body(poll.id, 1), path=f"/queue/{line.code}/vote/{poll.code}/ballot")
    assert answer.status == 404 and poll.rows() == 0


def test_a_place_in_the_line_votes_there(stack: Stack) -> None:
    line = stack.open_line()
    place = line.join("Ana")["partyId"]
    poll = EdgePoll(stack, headers={"x-host-auth": line.token}, line=line.code, dedupe="ticket")
    path = f"/queue/{line.code}/vote/{poll.code}/ballot"
    stranger = poll.send(Phone().body(poll.id, 1), path=path)
    assert (stranger.status, stranger.body["error"]) == (401, "Only guests of the line can vote here.")
    guest = {"cookie": f"place_{line.code}={place}"}
    voted = poll.send(Phone().body(poll.id, 1), path=path, **guest)
    assert voted.status == 201 and voted.cookies[f"ballot_{poll.code}"]["path"] == path.removesuffix("/ballot")
    assert poll.send(Phone().body(poll.id, 0), path=path, **guest).status == 409
    assert poll.rows() == 1


# ---------------------------------------------------------------------------------------------------- behind the edge
Send = Callable[..., Any]


def post(voter: Client, path: str, body: dict[str, Any], origin: str = "http://testserver") -> Any:
    """As a page of ours."""
    headers = {"origin": origin} if origin else {}
    return voter.post(f"{path}/ballot", body, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_django_s_own_door_says_the_same() -> None:
    poll, voter = poll_by_form(Client()), Client(enforce_csrf_checks=True)
    body = Phone().body(poll.pk, 1)
    for origin in ("", "https://evil.example"):
        assert post(voter, vote_path(poll), body, origin).status_code == 403
    first = post(voter, vote_path(poll), body)
    assert first.status_code == 201, first.content
    assert voter.cookies[f"ballot_{poll.code}"]["path"] == vote_path(poll)
    assert vote_state(page(voter, own_path(poll))) == "counted"
    again = post(Client(), vote_path(poll), {**body})
    assert again.json() == {"status": "already_counted", "receipt": first.json()["receipt"]}
    wrong = post(Client(), vote_path(poll), {**Phone().body(poll.pk, 1), "choices": [0]})
    assert (wrong.status_code, wrong.json()) == (400, BAD_SIGNATURE)
    assert post(Client(), vote_path(poll), {"choices": []}).status_code == 400
    assert Ballot.objects.filter(poll=poll).count() == 1


@pytest.mark.django_db
def test_django_s_own_door_knows_places_and_forgives_how_codes_are_typed() -> None:
    host, guest = Client(), Client()
    line, poll = line_poll(host)
    assert post(guest, vote_path(poll), Phone().body(poll.pk, 1)).status_code == 401
    join(guest, line)
    assert post(guest, vote_path(poll), Phone().body(poll.pk, 1)).status_code == 201
    coded = poll_by_form(host, dedupe="code")
    sheet = host.post(f"/polls/{coded.code}/host/codes", {"count": "1"}).content.decode()
    code = sheet.partition('class="code"')[2].partition(">")[2].partition("<")[0].strip()
    typed = code.lower().replace("-", " ")
    assert post(Client(), vote_path(coded), Phone().body(coded.pk, 0, code=typed)).status_code == 201, code
