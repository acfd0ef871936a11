"""Contract voting-session.md, over HTTP on the running program."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contracts.queueup import http, refused
from tests.contracts.voting_session import GOOD, A, Session
from tests.installation import Stack, wait_until

NOT_TEXT: list[Any] = [7, True, None, [], {}, "a\x00b"]
WRONG: dict[str, list[Any]] = {
    "question": ["", "  ", "x" * 256, *NOT_TEXT],
    "voteType": ["", "SINGLE", "both", 1, True, None, [], {}],
    "choices": [
        None, "Soup", 7, {}, [], [A], [A] + [{"text": str(n)} for n in range(100)], ["Soup", "Salad"], [A, None],
        [A, []], [A, {}], [A, {"text": ""}], [A, {"text": "x" * 101}], *[[A, {"text": value}] for value in NOT_TEXT],
    ],
}  # fmt: skip
CASES = [(field, value) for field, values in WRONG.items() for value in values]


@pytest.fixture
def session(stack: Stack) -> Session:
    """One pick of three."""
    return Session(stack)


def token_of(answer: httpx.Response) -> str:
    """The voter's cookie in an answer."""
    return SimpleCookie(answer.headers["set-cookie"])["voter_token"].value


def iso(text: str) -> datetime:
    """A time of now, with its zone."""
    moment = datetime.fromisoformat(text)
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)
    return moment


# -------------------------------------------------------------------------------------------------------------- creation
def test_creation(session: Session, stack: Stack) -> None:
    made = session.answer.json()
    assert set(made) == {"sessionId", "voteUrl", "createdAt", "hostToken"}
    assert made["voteUrl"].startswith(f"{stack.url()}/vote/")
    iso(made["createdAt"])
    ((_, cookie),) = SimpleCookie(session.answer.headers["set-cookie"]).items()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")


@pytest.mark.parametrize(("field", "value"), CASES, ids=lambda value: repr(value)[:24])
def test_each_violation_is_a_400_that_names_the_field(field: str, value: Any, stack: Stack) -> None:
    answer = http.post(f"{stack.url()}/api/vote", json={**GOOD, field: value})
    refused(answer, 400, field)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("field", list(GOOD))
def test_a_missing_field_is_named(field: str, stack: Stack) -> None:
    sent = {name: value for name, value in GOOD.items() if name != field}
    refused(http.post(f"{stack.url()}/api/vote", json=sent), 400, field)


def test_bounds_are_inclusive(stack: Stack) -> None:
    Session(stack, question="q", choices=[{"text": "a"}, {"text": "b"}])
    Session(stack, question="q" * 255, choices=[{"text": str(n) + "x" * 99} for n in range(10)], voteType="multiple")


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"{", b"null", b"\xff"])
def test_a_body_that_is_no_object_is_a_400(content: bytes, session: Session, stack: Stack) -> None:
    refused(http.post(f"{stack.url()}/api/vote", content=content), 400)
    refused(http.post(session.url, content=content), 400)


# ------------------------------------------------------------------------------------------------------ question and vote
def test_the_question(session: Session) -> None:
    assert session.get() == {
        "sessionId": session.id, "question": "Starter?", "voteType": "single", "status": "active", "canVote": True,
        "choices": [
            {"choiceId": str(n), "text": text, "voteCount": 0} for n, text in enumerate(("Soup", "Salad", "Bread"), 1)
        ],
    }  # fmt: skip


def test_a_vote_gives_a_cookie_and_then_this_browser_cannot_vote_again(session: Session) -> None:
    answer = session.vote("2")
    assert answer.status_code == 201
    assert {"message", "votedAt"} <= set(answer.json())
    iso(answer.json()["votedAt"])
    cookie = SimpleCookie(answer.headers["set-cookie"])["voter_token"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert int(cookie["max-age"]) >= 24 * 3600
    seen = session.get(cookie.value)
    assert (seen["canVote"], seen["status"]) == (False, "active")
    assert seen["message"]
    refused(session.vote("1", token=cookie.value), 409)
    assert session.get()["canVote"]
    assert session.votes() == [0, 1, 0]


def test_a_browser_with_a_token_keeps_it(session: Session) -> None:
    assert token_of(session.vote("1", token="mine")) == "mine", "renewed by use"
    refused(session.vote("1", token="mine"), 409)
    empty = http.post(session.url, json={"choiceIds": ["1"]}, headers={"Cookie": "voter_token="})
    assert token_of(empty)


@pytest.mark.parametrize(
    "choices",
    [None, "1", 1, {}, [], ["1", "2"], ["0"], ["4"], ["-1"], ["x"], [""], [1], [None], [["1"]], ["1\x00"], ["٣"], ["1"] * 11],
)  # fmt: skip
def test_a_wrong_vote_is_a_400(choices: Any, session: Session) -> None:
    refused(http.post(session.url, json={"choiceIds": choices}), 400, "choiceIds")
    refused(http.post(session.url, json={}), 400, "choiceIds")
    assert session.votes() == [0, 0, 0]


def test_multiple_takes_several_but_none_twice(stack: Stack) -> None:
    session = Session(stack, voteType="multiple")
    refused(session.vote("1", "1"), 400, "choiceIds")
    refused(session.vote("1", "4"), 400, "choiceIds")
    assert session.vote("3", "1").status_code == 201
    assert session.vote("1", "2", "3").status_code == 201
    assert session.votes() == [2, 1, 2]
    told = session.export("json").json()
    assert (told["totalVotes"], told["totalBallots"], told["voteType"]) == (5, 2, "multiple")


def test_the_same_ballot_again_is_201_with_the_same_receipt_without_the_cookie_too(session: Session) -> None:
    ballot_id = str(uuid4())
    first = session.vote("1", ballotId=ballot_id)
    again = session.vote("1", ballotId=ballot_id)
    with_cookie = session.vote("1", ballotId=ballot_id, token=token_of(first))
    session.close()
    late = session.vote("1", ballotId=ballot_id, token=token_of(first))
    assert [each.status_code for each in (first, again, with_cookie, late)] == [201] * 4
    assert first.json() == again.json() == with_cookie.json() == late.json()
    assert token_of(first) != token_of(again), "an id leads to nobody's token"
    assert session.votes() == [1, 0, 0]


@pytest.mark.parametrize("ballot_id", ["", "x", 7, True, [], {}, "0" * 31, "a\x00b"])
def test_a_ballot_id_is_a_uuid(ballot_id: Any, session: Session) -> None:
    refused(session.vote("1", ballotId=ballot_id), 400, "ballotId")


def test_60_votes_of_one_browser_at_once_are_one(session: Session) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: session.vote(str(n % 3 + 1), token="mine").status_code, range(60)))
    assert sorted(answers) == [201] + [409] * 59
    assert sum(session.votes()) == 1


@pytest.mark.parametrize("wanted", [str(uuid4()), "x", "abc%00de", "a" * 300])
def test_an_unknown_session_is_a_404(wanted: str, stack: Stack) -> None:
    url = f"{stack.url()}/api/vote/{wanted}"
    refused(http.get(url), 404)
    refused(http.post(url, json={"choiceIds": ["1"]}), 404)
    refused(http.post(f"{url}/close"), 404)
    refused(http.get(f"{url}/export?format=json"), 404)


# ------------------------------------------------------------------------------------------------------------------ close
def test_only_its_creator_closes_and_then_no_vote_counts(session: Session, stack: Stack) -> None:
    refused(http.post(f"{session.url}/close"), 401)
    refused(http.post(f"{session.url}/close", headers={"x-host-auth": "wrong"}), 403)
    refused(http.post(f"{session.url}/close", headers=Session(stack).host_cookie), 401)
    assert session.get()["status"] == "active"
    closed = session.close()
    assert closed.status_code == 200
    assert set(closed.json()) == {"sessionId", "status", "closedAt"}
    assert (closed.json()["sessionId"], closed.json()["status"]) == (session.id, "closed")
    iso(closed.json()["closedAt"])
    assert session.close().json() == closed.json()
    seen = session.get()
    assert (seen["status"], seen["canVote"], bool(seen["message"])) == ("closed", False, True)
    refused(session.vote("1"), 403)


def test_a_session_closes_by_itself_after_24_hours(session: Session, stack: Stack) -> None:
    (row,) = stack.sql("SELECT ends_at - created_at AS life FROM polls_poll WHERE id = %s", session.id)
    assert abs(row["life"] - timedelta(hours=24)) < timedelta(seconds=5)
    stack.sql("UPDATE polls_poll SET ends_at = clock_timestamp() WHERE id = %s", session.id)
    refused(session.vote("1"), 403)
    assert session.get()["status"] == "closed"
    wait_until(lambda: stack.sql("SELECT 1 FROM polls_poll WHERE id = %s AND status = 'closed'", session.id))


# ---------------------------------------------------------------------------------------------------------------- exports
def test_json_export(session: Session) -> None:
    for token in "abc":
        session.vote("3" if token == "a" else "1", token=token)
    answer = session.export("json")
    assert answer.headers["content-type"].startswith("application/json")
    told = answer.json()
    iso(told.pop("exportedAt"))
    assert told == {
        "sessionId": session.id, "question": "Starter?", "voteType": "single", "totalVotes": 3, "totalBallots": 3,
        "percentageOf": "ballots",
        "choices": [
            {"text": "Soup", "voteCount": 2, "percentage": 66.7}, {"text": "Salad", "voteCount": 0, "percentage": 0.0},
            {"text": "Bread", "voteCount": 1, "percentage": 33.3},
        ],
    }  # fmt: skip


def test_csv_export_is_quoted_and_runs_no_formula(stack: Stack) -> None:
    texts = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", 'He said "so", twice', "two\nlines", "Ünï 寿司", "plain"]
    session = Session(stack, choices=[{"text": text} for text in texts])
    session.vote("8")
    answer = http.get(f"{session.url}/export?format=csv", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert len(header) == 3
    assert [row[0] for row in rows] == [f"'{text}" if text[0] in "=+-@" else text for text in texts]
    assert rows[-1] == ["plain", "1", "100.0"]
    assert all(row[1:] == ["0", "0.0"] for row in rows[:-1])


def test_image_export_draws_every_script(stack: Stack) -> None:
    texts = ["寿司とラーメン", "حمص وفلافل", "שקשוקה", "$x$ ^ {", "Crème brûlée", "🍣"]
    session = Session(stack, question="何を食べますか؟", choices=[{"text": text} for text in texts])
    for votes in (0, 1):
        answer = session.export("image")
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG\r\n\x1a\n"), votes
        session.vote("1")


@pytest.mark.parametrize("kind", [None, "", "pdf", "JSON", "json,csv", "\x00"])
def test_no_or_an_unknown_format_is_a_400(kind: str | None, session: Session) -> None:
    refused(http.get(f"{session.url}/export", params={} if kind is None else {"format": kind}), 400, "format")
