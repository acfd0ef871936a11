"""The project's own poll API, /api/polls/."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core import clock
from core.tokens import host_token
from polls.models import Poll
from queues import commands as line_commands
from queues.models import Queue
from tests.polls.api_client import GOOD, JSON, Maker, refused
from tests.polls.database_polls import counts, sound

pytestmark = pytest.mark.django_db


def test_create_and_read() -> None:
    maker = Maker(description="To the fish.", mayChange=True)
    assert set(maker.made) == {"id", "code", "status", "hostToken", "voteUrl", "resultsUrl"}
    assert maker.made["status"] == "open"
    for name in (maker.made["id"], maker.made["code"], maker.made["code"].lower()):
        seen = Client().get(f"/api/polls/{name}").json()
        assert (seen["title"], seen["mayChange"], seen["description"]) == ("Which wine?", True, "To the fish.")
        assert seen["choices"] == [{"number": 0, "text": "Red"}, {"number": 1, "text": "White"}]


WRONG: dict[str, list[Any]] = {
    "title": ["", " ", 7, None, [], {}, "a\x00b", "x" * 256],
    "choices": [[], "Red", {}, None, 7, [7], [""], ["Red", "Red "], [[]], ["x"] * 101, ["a\x00b"], ["Red", None]],
    "maxPicks": [0, 3, -1, "1", True, None, 1.5, [], 10**30],
    "minPicks": [0, "1", None, {}],
    "start": ["now", True, 7, [], 1e300],
    "end": ["now", False, -1, {}],
    "visibility": ["", "all", 7, None, [], {}],
    "mayChange": ["true", 1, None, []],
    "dedupe": ["", "ip", 7, [], "ticket"],
    "shards": [0, -1, 32_768, "2", True],
    "workBits": [-1, 25, "8", True, 1.5, None],
    "venue": ["x", 7, True, [], {}],
    "line": [7, [], "TOO-LONG"],
    "open": ["yes", 1, []],
}


@pytest.mark.parametrize(
    ("field", "value"), [(f, v) for f, vs in WRONG.items() for v in vs], ids=lambda v: repr(v)[:20]
)
def test_each_violation_is_a_400_that_names_the_field(field: str, value: Any) -> None:
    answer = Client().post("/api/polls/", {**GOOD, field: value}, JSON)
    refused(answer, 400, "maxPicks" if (field, value) == ("minPicks", 2) else field)
    assert not Poll.objects.exists()


def test_an_end_is_after_its_start_and_a_line_must_exist() -> None:
    now = int(clock.now().timestamp() * 1000)
    refused(Client().post("/api/polls/", {**GOOD, "start": now, "end": now}, JSON), 400, "end")
    refused(Client().post("/api/polls/", {**GOOD, "line": "ZZZZZZ", "dedupe": "ticket"}, JSON), 404)


def test_neighbours_behind_one_address_cannot_replace_each_others_votes() -> None:
    refused(Client().post("/api/polls/", {**GOOD, "dedupe": "address", "mayChange": True}, JSON), 400, "mayChange")


def test_the_same_key_gives_the_same_poll() -> None:
    key = {"Idempotency-Key": "a-key-nobody-guesses"}
    made = [Client().post("/api/polls/", GOOD, JSON, headers=key).json() for _ in range(2)]
    assert made[0] == made[1]
    refused(Client().post("/api/polls/", GOOD, JSON, headers={"Idempotency-Key": "short"}), 400, "Idempotency-Key")


@pytest.mark.thorough
def test_a_draft_is_edited_opened_closed_reset_and_deleted_by_its_host_only() -> None:
    maker, stranger = Maker(open=False), Client()
    wrong = {"x-host-auth": host_token(uuid4())}
    for action in ("open", "close", "reset"):
        refused(maker.act(action, stranger), 401)
        refused(stranger.post(f"{maker.url}/{action}", headers=wrong), 403)
    edited = {"title": "Which beer?", "choices": ["Ale", "Stout", "Lager"]}
    refused(stranger.put(maker.url, edited, JSON), 401)
    refused(stranger.delete(maker.url), 401)
    refused(maker.vote(0), 409)
    assert maker.client.put(maker.url, edited, JSON).json()["title"] == "Which beer?"
    assert [maker.act("open").json()["status"] for _ in range(2)] == ["open", "open"]
    refused(maker.client.put(maker.url, edited, JSON), 409)
    assert maker.vote(2).status_code == 201
    assert maker.act("close").json()["status"] == "closed"
    refused(maker.vote(2), 409)
    refused(maker.act("open"), 409)
    before = maker.results()["version"]
    assert maker.act("reset").json()["status"] == "open"
    assert (maker.results()["ballots"], maker.results()["root"]) == (0, None)
    assert maker.results()["version"] > before
    assert maker.vote(1).status_code == 201
    assert maker.client.delete(maker.url).status_code == 200
    for answer in (maker.client.get(maker.url), maker.vote(1), maker.act("close"), maker.client.delete(maker.url)):
        refused(answer, 404)


@pytest.mark.parametrize("name", ["x", "ABC123", "abc%00de", str(uuid4()), "%F0%9F%8D%B7" * 6])
def test_an_unknown_poll_is_a_clear_refusal(name: str) -> None:
    for path in ("", "/results", f"/receipt/{uuid4()}"):
        assert Client().get(f"/api/polls/{name}{path}").status_code in ({400, 404} if "%00" in name else {404})


# ---------------------------------------------------------------------------------------------------------------- ballots
def test_a_ballot_its_receipt_and_its_proof() -> None:
    maker, ballot_id = Maker(), str(uuid4())
    answer = maker.vote(1, ballotId=ballot_id)
    assert answer.status_code == 201
    assert answer.json()["status"] == "counted"
    receipt = answer.json()["receipt"]
    assert (receipt["ballotId"], receipt["pollId"]) == (ballot_id, maker.made["id"])
    url = f"{maker.url}/receipt/{ballot_id}"
    looked_up = Client().get(url).json()
    assert (looked_up["receipt"], looked_up["counted"], looked_up["proof"]) == (receipt, True, None)
    refused(Client().get(f"{maker.url}/receipt/{uuid4()}"), 404)
    maker.act("close")
    proved = Client().get(url).json()
    assert (proved["root"], proved["proof"]["choices"]) == (maker.poll.root, [1])
    refused(Client().get(f"{maker.url}/ballots"), 401)
    assert maker.client.get(f"{maker.url}/ballots").json() == {"ballots": 1}


def test_the_same_ballot_again_is_one_ballot_also_when_the_cookie_was_lost() -> None:
    maker, browser, ballot_id = Maker(), Client(), str(uuid4())
    first = maker.vote(1, ballotId=ballot_id, client=browser)
    assert browser.cookies["voter_token"]["httponly"]
    again = [maker.vote(1, ballotId=ballot_id, client=client) for client in (browser, Client(), Client())]
    assert [each.json()["status"] for each in again] == ["already_counted"] * 3
    assert {each.json()["receipt"]["seal"] for each in again} == {first.json()["receipt"]["seal"]}
    refused(maker.vote(0, client=browser), 409)
    assert counts(maker.poll) == [0, 1]


WRONG_BALLOTS: dict[str, list[Any]] = {
    "ballotId": [None, "", "x", 7, True, [], {}, "a\x00b"],
    "choices": [None, [], "1", 1, {}, ["1"], [True], [None], [0, 0], [0, 1], [2], [-1], [10**30]],
    "partyId": [7, ""],
    "code": [7, "x" * 41],
    "token": [[], "x" * 129],
    "work": [-1, "1", 1.5, True, [], 2**53],
}


@pytest.mark.parametrize(
    ("field", "value"), [(f, v) for f, vs in WRONG_BALLOTS.items() for v in vs], ids=lambda v: repr(v)[:20]
)
def test_a_wrong_ballot_is_a_400_that_names_the_field(field: str, value: Any) -> None:
    maker = Maker()
    answer = Client().post(f"{maker.url}/ballots", {"ballotId": str(uuid4()), "choices": [0], field: value}, JSON)
    refused(answer, 400, f"{field}: ")
    assert counts(maker.poll) == [0, 0]


def test_a_vote_may_be_changed_where_the_host_allows_it() -> None:
    maker, browser = Maker(mayChange=True), Client()
    assert [maker.vote(n, client=browser).json()["status"] for n in (0, 1)] == ["counted", "changed"]
    assert counts(maker.poll) == [0, 1]
    assert sound(maker.poll)


@pytest.mark.thorough
def test_one_time_codes() -> None:
    maker = Maker(dedupe="code")
    refused(Client().post(f"{maker.url}/codes", {"count": 2}, JSON), 401)
    wrong: list[Any] = [0, -1, "2", None, True, 100_001, []]
    for count in wrong:
        refused(maker.client.post(f"{maker.url}/codes", {"count": count}, JSON), 400, "count")
    assert len(maker.client.post(f"{maker.url}/codes", {"count": 9_998}, JSON).json()["codes"]) == 9_998
    one, two = maker.client.post(f"{maker.url}/codes", {"count": 2}, JSON).json()["codes"]
    refused(maker.client.post(f"{maker.url}/codes", {"count": 1}, JSON), 409, "count")
    refused(maker.vote(0), 401)
    refused(maker.vote(0, code="AAAA-AAAA"), 403)
    assert maker.vote(0, code=one).status_code == 201
    refused(maker.vote(0, code=f" {one.lower()} "), 409)
    assert maker.vote(1, code=two).status_code == 201
    assert counts(maker.poll) == [1, 1]
    refused(Maker().client.post(f"{maker.url}/codes", {"count": 1}, JSON), 401)


@pytest.fixture
def line() -> Queue:
    return line_commands.open_line(line_commands.NewLine(event_name="Friday", max_guests=20))


@pytest.mark.thorough
def test_a_lines_poll_has_one_ballot_per_party(line: Queue) -> None:
    fields = {**GOOD, "line": line.code, "dedupe": "ticket", "visibility": "after_voting"}
    refused(Client().post("/api/polls/", fields, JSON), 401)
    headers = {"x-host-auth": host_token(line.pk)}
    answer = Client().post("/api/polls/", fields, JSON, headers=headers)
    assert answer.status_code == 201, answer.content
    url = f"/api/polls/{answer.json()['id']}"
    ann, bob = (str(line_commands.join(line.pk, name=name).party.pk) for name in ("Ann", "Bob"))
    gone = line_commands.join(line.pk, name="Cem").party.pk
    line_commands.leave(line.pk, party_id=gone)

    def vote(party: str | None, client: Client | None = None) -> int:
        sent = {"ballotId": str(uuid4()), "choices": [0], "partyId": party}
        return (client or Client()).post(f"{url}/ballots", sent, JSON).status_code

    assert [vote(party) for party in (None, "x", str(uuid4()), str(gone))] == [401, 403, 403, 403]
    assert [vote(party) for party in (ann, ann, ann.upper())] == [201, 409, 409]
    phone = Client()
    phone.cookies[f"place_{line.code}"] = bob
    assert phone.get(f"{url}/results").json()["hidden"]
    assert [vote(None, phone), vote(None, phone)] == [201, 409]
    assert phone.get(f"{url}/results").json()["choices"][0]["count"] == 2
    assert Client().get(f"{url}/results").json()["hidden"]
