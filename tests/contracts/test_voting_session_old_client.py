"""Contract voting-session.md as its old client uses it: in Japanese, with many choices, and with the creator's token."""

import json
from typing import Any

import httpx
import pytest

from tests.contracts.queueup import http, refused
from tests.contracts.voting_session import Session
from tests.installation import Stack

JA = {"Accept-Language": "ja,en-US;q=0.7,en;q=0.3"}
HUNDRED = [{"text": f"Dish {number}"} for number in range(100)]


def vote(session: Session, *choices: Any, **headers: str) -> httpx.Response:
    return http.post(session.url, json={"choiceIds": list(choices)}, headers={**JA, **headers})


def test_a_vote_is_told_in_the_language_asked_for(stack: Stack) -> None:
    session = Session(stack)
    counted = vote(session, "1")
    assert "完了" in counted.json()["message"]
    assert counted.headers["content-language"] == "ja" and "accept-language" in counted.headers["vary"].lower()
    assert "contado" in vote(session, "1", **{"Accept-Language": "es-MX"}).json()["message"]
    for language in ("en", "fr", "", "*", "x;q=7,,;"):
        assert vote(session, "1", **{"Accept-Language": language}).json()["message"] == "Your vote is counted."


@pytest.mark.parametrize("choices", [[], ["1", "2"], ["9"], ["1", "1"]])
def test_refusals_of_a_vote_are_told_in_it_and_name_the_field(choices: list[str], stack: Stack) -> None:
    sentence = refused(vote(Session(stack), *choices), 400, "choiceIds")
    if choices not in ([], ["9"]):
        assert not sentence.isascii(), sentence


def test_the_end_is_told_in_it_everywhere(stack: Stack) -> None:
    session = Session(stack)
    token = vote(session, "1").cookies["voter_token"]
    shown = http.get(session.url, headers={**JA, "Cookie": f"voter_token={token}"}).json()
    assert shown["canVote"] is False and not shown["message"].isascii()
    assert not refused(vote(session, "2", Cookie=f"voter_token={token}"), 409).isascii()
    with httpx.stream("GET", f"{session.url}/stream", headers=JA, timeout=20) as stream:
        lines = stream.iter_lines()
        assert any("init" in line for line in lines)
        assert session.close().status_code == 200
        told = [json.loads(line[5:]) for line in lines if line.startswith("data:")]
    assert told[-1]["event"] == "closed" and "終了" in told[-1]["data"]["message"]
    assert "終了" in refused(vote(session, "2"), 403)
    assert "終了" in http.get(session.url, headers=JA).json()["message"]
    missing = f"{stack.url()}/api/vote/00000000-0000-4000-8000-000000000000"
    assert not refused(http.get(missing, headers=JA), 404).isascii()
    assert not refused(http.post(missing, json={"choiceIds": ["1"]}, headers=JA), 404).isascii()


def test_the_creators_token_proves_the_creator(stack: Stack) -> None:
    session, other = Session(stack), Session(stack)
    token = session.answer.json()["hostToken"]
    refused(http.post(f"{other.url}/close", headers={"x-host-auth": token}), 403)
    closed = http.post(f"{session.url}/close", headers={"x-host-auth": token})
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")


def test_a_hundred_choices_and_each_can_be_picked(stack: Stack) -> None:
    session = Session(stack, choices=HUNDRED, voteType="multiple")
    picked = [str(number) for number in range(1, 101)]
    assert session.vote(*picked).status_code == 201
    assert session.votes() == [1] * 100
    refused(session.vote(*picked, "101"), 400, "choiceIds")
    refused(http.post(f"{stack.url()}/api/vote", json={
        "question": "?", "voteType": "single", "choices": [*HUNDRED, {"text": "one more"}]
    }), 400, "choices")  # fmt: skip


@pytest.mark.parametrize("visibility", ["always", "after_voting", "after_close", "host_only"])
def test_counts_stand_where_this_person_may_see_them(visibility: str, stack: Stack) -> None:
    poll = stack.open_poll(visibility=visibility)
    url, host = f"{stack.url()}/api/vote/{poll['id']}", {"x-host-auth": poll["hostToken"]}

    def seen(**headers: str) -> list[int | None]:
        return [choice.get("voteCount") for choice in http.get(url, headers=headers).json()["choices"]]

    voter = http.post(url, json={"choiceIds": ["1"]})
    cookie = {"Cookie": f"voter_token={voter.cookies['voter_token']}"}
    hidden: list[int | None] = [None, None]
    assert seen() == ([1, 0] if visibility == "always" else hidden)
    assert seen(**cookie) == ([1, 0] if visibility in {"always", "after_voting"} else hidden)
    assert seen(**host) == [1, 0]
    http.post(f"{stack.url()}/api/polls/{poll['id']}/close", headers=host)
    assert seen() == (hidden if visibility == "host_only" else [1, 0])
