"""Contract queueup.md, "POST /api/queue/{code}/join"."""

from typing import Any

import httpx
import pytest

from tests.contracts.queueup import Line, at_once, events, guest_view, host_view, names, refused, state
from tests.installation import Stack

ANSWER = {"partyId", "sessionId", "position", "queueLength", "estimatedWaitMs", "eventName", "ticket"}


def place(answer: dict[str, Any]) -> tuple[int, int]:
    return answer["position"], answer["queueLength"]


def test_the_answer_is_the_contracts(line: Line) -> None:
    joined = line.join("Ada", 2)
    assert set(joined) == ANSWER
    assert joined["sessionId"] == line.session_id
    assert joined["eventName"] == "Friday"
    assert joined["ticket"] == 1
    assert place(joined) == (1, 1)
    assert joined["estimatedWaitMs"] == 0


def test_positions_count_those_ahead_and_the_party_being_served(line: Line) -> None:
    ada, ben = line.join("Ada"), line.join("Ben")
    assert place(ada) == (1, 1)
    assert place(ben) == (2, 2)
    line.host("advance")  # Ada is called: she is being served, Ben waits
    cem = line.join("Cem")
    assert place(cem) == (3, 3)  # Ada and Ben are ahead; Ada counts as one in line
    view = guest_view(line, ben["partyId"])
    assert (view["position"], view["aheadCount"], view["queueLength"]) == (2, 1, 3)
    line.host("advance")  # Ben is called too: two are being served, and count as one
    view = guest_view(line, cem["partyId"])
    assert (view["position"], view["aheadCount"], view["queueLength"]) == (2, 1, 2)
    assert place(line.join("Dia")) == (3, 3)


def test_the_first_to_wait_behind_a_party_being_served_has_one_ahead(line: Line) -> None:
    line.join("Ada")
    line.host("advance")
    ben = line.join("Ben")
    assert place(ben) == (2, 2)
    assert ben["estimatedWaitMs"] > 0
    line.host("advance", {"servedParty": host_view(line)["nowServing"]["id"], "nextParty": ben["partyId"]})
    line.post("leave", {"partyId": ben["partyId"]})
    assert place(line.join("Cem")) == (1, 1)


def test_the_wait_grows_with_each_party_ahead_and_is_what_the_snapshot_says(line: Line) -> None:
    parties = [line.join() for _ in range(4)]
    waits = [party["estimatedWaitMs"] for party in parties]
    assert waits[0] == 0
    assert waits[1] > 0
    assert waits == [waits[1] * ahead for ahead in range(4)]
    assert [guest_view(line, party["partyId"])["estimatedWaitMs"] for party in parties] == waits


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "   ", "size": 1}, {"size": 1.0, "turnstileToken": None}])
def test_a_name_and_a_size_are_optional(body: dict[str, Any], line: Line) -> None:
    assert line.post("join", body).status_code == 200
    assert line.post("join", body).status_code == 200  # parties without a name are no namesakes
    shown = host_view(line)["queue"]
    assert [(party["name"], party["size"]) for party in shown] == [("", 1), ("", 1)]


# ---------------------------------------------------------------------------------------------------------------- 400
NO_NAMES: list[Any] = [None, 7, 1.5, True, [], {}, ["Ada"], "a\x00b", "\x1b[31m", "x" * 10_000]
NO_SIZES: list[Any] = [None, 0, -1, 1.5, "2", "", True, False, [], {}, "zwei", -(10**18), 1e-9]
WRONG = [*[("name", value) for value in NO_NAMES], *[("size", value) for value in NO_SIZES]]


@pytest.fixture(scope="module")
def quiet(stack: Stack) -> Line:
    """A line in which every join is refused."""
    return Line.open(stack)


@pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda value: repr(value)[:24])
def test_a_name_that_is_no_string_or_a_size_that_is_no_positive_integer_is_400(
    field: str, value: Any, quiet: Line
) -> None:
    refused(quiet.post("join", {"name": "Ada", "size": 1, field: value}), 400, field)
    assert state(quiet)[0] == [{"parties": 0, "events": 1, "version": 1}]


# ---------------------------------------------------------------------------------------------------------------- 409
def test_a_closed_line_takes_no_guests(line: Line) -> None:
    line.host("close")
    refused(line.post("join", {"name": "Ada"}), 409)


@pytest.mark.parametrize("called", [False, True])
def test_a_name_in_line_is_taken(called: bool, line: Line) -> None:
    line.join("Ada")
    if called:
        line.host("advance")
    before = state(line)
    for same in ("Ada", "  Ada ", "\tAda\n"):
        refused(line.post("join", {"name": same}), 409)
    assert state(line) == before
    assert line.post("join", {"name": "ada"}).status_code == 200


@pytest.mark.parametrize("how", ["leave", "kick", "served", "no-show"])
def test_a_name_is_free_again_once_its_party_has_gone(how: str, line: Line) -> None:
    party = line.join(" Ada ")["partyId"]
    if how == "leave":
        assert line.post("leave", {"partyId": party}).status_code == 200
    elif how == "kick":
        line.host("kick", {"partyId": party})
    else:
        line.host("advance")
        line.host(*({"served": ("advance", {"servedParty": party}), "no-show": ("no-show", {"partyId": party})}[how]))
    assert line.join("Ada")["partyId"] != party


def test_a_name_in_another_line_is_not_taken(line: Line, other: Line) -> None:
    line.join("Ada")
    assert other.join("Ada")["position"] == 1


def test_the_line_is_full_when_the_guests_are_called_ones_included(stack: Stack) -> None:
    line = Line.open(stack, maxGuests=5)
    three = line.join("Three", 3)["partyId"]
    refused(line.post("join", {"size": 3}), 409)
    line.host("advance")  # called, still in line
    refused(line.post("join", {"size": 3}), 409)
    line.join("Two", 2)  # exactly full
    before = state(line)
    refused(line.post("join", {"size": 1}), 409)
    assert state(line) == before
    line.host("advance", {"servedParty": three})
    assert line.post("join", {"size": 3}).status_code == 200
    refused(line.post("join", {"size": 1}), 409)


@pytest.mark.parametrize("size", [101, 2**31, 2**63, 2**64, 10**30, 1e18])
def test_a_party_larger_than_the_line_finds_no_room(size: float, quiet: Line) -> None:
    refused(quiet.post("join", {"size": size}), 409)


def test_the_last_place_is_given_once(stack: Stack) -> None:
    line = Line.open(stack, maxGuests=7)
    codes = sorted(at_once(20, lambda index: line.post("join", {"name": f"Guest {index}"}).status_code))
    assert codes == [200] * 7 + [409] * 13
    assert sum(party["size"] for party in host_view(line)["queue"]) == 7


def test_places_taken_at_once_are_contiguous(line: Line) -> None:
    joined = at_once(20, lambda index: line.join(f"Guest {index}"))
    assert sorted(answer["position"] for answer in joined) == list(range(1, 21))
    assert sorted(answer["ticket"] for answer in joined) == list(range(1, 21))
    in_order = [answer["partyId"] for answer in sorted(joined, key=lambda answer: answer["position"])]
    assert [party["id"] for party in host_view(line)["queue"]] == in_order


# ----------------------------------------------------------------------------------------------------- Idempotency-Key
def test_the_same_key_gives_the_same_party(line: Line) -> None:
    line.join("Before")
    key = {"Idempotency-Key": "a-key-of-ada-0001"}
    first = line.join("Ada", 2, sent=key)
    before = state(line)
    assert line.join("Ada", 2, sent=key) == first
    refused(line.post("join", {"name": "Somebody else", "size": 4}, sent=key), 409, "Idempotency-Key")
    assert state(line) == before
    assert line.join("Ben", sent={"Idempotency-Key": "a-key-of-ben-0002"})["partyId"] != first["partyId"]


def test_a_key_belongs_to_one_line(line: Line, other: Line) -> None:
    key = {"Idempotency-Key": "a-key-of-ada-0001"}
    assert line.join("Ada", sent=key)["partyId"] != other.join("Ada", sent=key)["partyId"]


def test_twenty_joins_with_one_key_at_once_are_one_party(line: Line) -> None:
    joined = at_once(20, lambda _: line.join("Ada", 2, sent={"Idempotency-Key": "the-same-for-all-20"}))
    assert len({answer["partyId"] for answer in joined}) == 1
    assert all(answer == joined[0] for answer in joined)
    assert names(line) == ["Ada"]
    assert len(events(line, "QUEUE_MEMBER_JOINED")) == 1


@pytest.mark.parametrize("since", ["left", "closed", "full", "renamed"])
def test_a_key_gives_its_party_after_all_later_changes(since: str, stack: Stack) -> None:
    line = Line.open(stack, maxGuests=3)
    first = line.join("Ada", 2, sent={"Idempotency-Key": "a-key-of-somebody"})
    if since == "left":
        line.post("leave", {"partyId": first["partyId"]})
    elif since == "closed":
        line.host("close")
    elif since == "full":
        line.join("Ben", 1)
    else:
        line.host("edit", {"partyId": first["partyId"], "name": "Ben"})
        line.join("Ada")
    again = line.join("Ada", 2, sent={"Idempotency-Key": "a-key-of-somebody"})
    assert (again["partyId"], again["ticket"]) == (first["partyId"], first["ticket"])


def test_a_refused_join_leaves_its_key_unused(stack: Stack) -> None:
    line = Line.open(stack, maxGuests=2)
    line.join("Ada")
    refused(line.post("join", {"name": "Ada"}, sent={"Idempotency-Key": "a-key-of-somebody"}), 409)
    assert line.join("Ben", sent={"Idempotency-Key": "a-key-of-somebody"})["position"] == 2


def test_a_key_is_kept_unreadable_and_may_not_be_endless(line: Line) -> None:
    line.join("Ada", sent={"Idempotency-Key": "CANARYKEYCANARYKEY"})
    kept = line.sql("SELECT join_key FROM queues_party WHERE queue_id = %s", line.session_id)[0]["join_key"]
    assert "CANARYKEYCANARYKEY" not in kept
    refused(line.post("join", {}, sent={"Idempotency-Key": "k" * 201}), 400, "Idempotency-Key")


def test_a_party_keeps_its_place_when_the_answer_was_lost(line: Line) -> None:
    """The client gives up before it reads; its retry finds the same party."""
    key = {"Idempotency-Key": "lost-on-the-way-1"}
    with httpx.Client(timeout=20) as hasty, hasty.stream("POST", f"{line.api}/join", json={"name": "Ada"}, headers=key):
        pass
    line.join("Ada", sent=key)
    assert names(line) == ["Ada"]
