"""F6: people who do things to one line at the same instant, through two web processes. One wins; the others are told."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.faults.installation import Target, TargetLine, report
from tests.installation import FULL, wait_until

SERVERS = ("web", "web2")
ROUNDS = 1000 if FULL else 30
# Parties over whom several fight, each once.
FOUGHT_OVER = 60 if FULL else 30
# Two thousand parties and a thousand rounds take two minutes of a machine with nothing else to do.
pytestmark = pytest.mark.timeout(600 if FULL else 240)
ENDED = ("QUEUE_MEMBER_SERVED", "QUEUE_MEMBER_LEFT", "QUEUE_MEMBER_KICKED", "QUEUE_MEMBER_DROPPED")


@pytest.fixture(scope="module")
def _running(installation: Target) -> Target:
    installation.renew()
    return installation


@pytest.fixture
def busy_target(_running: Target) -> Target:
    """Two web processes, and the timers. They run from test to test, for nothing is broken here."""
    _running.run("web", "web2", "timers")
    return _running


def fill(line: TargetLine, count: int) -> list[str]:
    """This many parties join through both servers; returns their ids in no order."""

    def join(number: int) -> list[str]:
        with line.client(SERVERS[number % 2]) as client:
            return [client.post("join", json={}).json()["partyId"] for _ in range(number, count, 4)]

    with ThreadPoolExecutor(4) as pool:
        return [party for some in pool.map(join, range(4)) for party in some]


class Together:
    """Threads that do something at the same instant, round after round; each keeps its own client open."""

    def __init__(self, clients: Sequence[httpx.Client]) -> None:
        self._clients = clients
        self._pool = ThreadPoolExecutor(len(clients))
        self._start = threading.Barrier(len(clients))

    def __call__(self, *requests: tuple[str, Any]) -> list[httpx.Response]:
        """One request per client, all at once; the answers in the same order."""

        def send(client: httpx.Client, request: tuple[str, Any]) -> httpx.Response:
            self._start.wait(20)
            return client.post(request[0], json=request[1])

        return list(self._pool.map(send, self._clients, requests))

    def close(self) -> None:
        """Ends threads and connections."""
        self._pool.shutdown()
        for client in self._clients:
            client.close()


def hosts_of(line: TargetLine) -> Together:
    return Together([line.client(server, host=True) for server in SERVERS])


def test_two_hosts_calling_at_once_never_call_the_same_party(busy_target: Target) -> None:
    # On a busy machine this takes longer than a call's window: then the line would call parties by itself, too.
    line = busy_target.line(autoAdvance=False)
    parties = fill(line, 2 * ROUNDS)
    both = hosts_of(line)
    answers = [answer for _ in range(ROUNDS) for answer in both(("call", {}), ("call", {}))]
    assert {answer.status_code for answer in answers} == {200}
    called = [answer.json()["nowServing"]["id"] for answer in answers]
    assert sorted(called) == sorted(parties)  # each once
    # And in the order of the line: each round took the two that stood first.
    tickets = [event["party_id"] for event in line.events("QUEUE_MEMBER_CALLED")]
    order = [row["id"] for row in busy_target.rows("SELECT id FROM queues_party WHERE queue_id = %s ORDER BY ticket",
                                                line.session_id)]  # fmt: skip
    assert tickets == order
    # The line is empty now: the next call says so, to both.
    assert [answer.status_code for answer in both(("call", {}), ("call", {}))] == [409, 409]
    both.close()


def test_two_hosts_advancing_at_once_serve_each_party_once(busy_target: Target) -> None:
    """Both say "served, next please" of the same party: one is right, the other is told that it is over already."""
    line = busy_target.line()
    fill(line, ROUNDS)
    both = hosts_of(line)
    serving = both(("advance", {}), ("pause", {}))[0].json()["nowServing"]["id"]
    wins: Counter[int] = Counter()
    for _ in range(ROUNDS - 1):
        answers = both(("advance", {"servedParty": serving}), ("advance", {"servedParty": serving}))
        assert sorted(answer.status_code for answer in answers) == [200, 400]
        winner = next(index for index, answer in enumerate(answers) if answer.status_code == 200)
        assert "servedParty" in answers[1 - winner].json()["error"]
        wins[winner] += 1
        serving = answers[winner].json()["nowServing"]["id"]
    both.close()
    served = [event["party_id"] for event in line.events("QUEUE_MEMBER_SERVED")]
    called = [event["party_id"] for event in line.events("QUEUE_MEMBER_CALLED")]
    assert len(served) == len(set(served)) == ROUNDS - 1
    assert len(called) == len(set(called)) == ROUNDS
    assert min(wins.values()) > 0, "one host always won: they did not race"
    report(f"{ROUNDS - 1} races of two hosts, won {wins[0]} to {wins[1]}")


@pytest.mark.parametrize("clients", [32])
def test_guests_joining_at_once_get_places_without_gap_or_repeat(busy_target: Target, clients: int) -> None:
    line = busy_target.line()
    together = Together([line.client(SERVERS[number % 2]) for number in range(clients)])
    rounds = 40 if FULL else 6
    joined = []
    for number in range(rounds):
        # Half of them send the same name: of those, one is let in.
        bodies = [{"name": f"Round {number}"} if guest % 16 == 0 else {} for guest in range(clients)]
        answers = together(*(("join", body) for body in bodies))
        assert Counter(answer.status_code for answer in answers) == {200: clients - 1, 409: 1}
        joined += [answer.json() for answer in answers if answer.status_code == 200]
    together.close()
    expected = list(range(1, rounds * (clients - 1) + 1))
    assert sorted(answer["position"] for answer in joined) == expected
    assert sorted(answer["ticket"] for answer in joined) == expected
    assert all(answer["position"] == answer["ticket"] == answer["queueLength"] for answer in joined)
    assert line.truth()["waiting"] == expected


def test_the_last_seat_is_given_once(busy_target: Target) -> None:
    """Guests who together are more than the line holds: it fills to the last seat and not beyond."""
    line = busy_target.line()
    busy_target.stack.sql("UPDATE queues_queue SET max_guests = 20 WHERE id = %s", line.session_id)
    together = Together([line.client(SERVERS[number % 2]) for number in range(16)])
    answers = together(*(("join", {"size": 3}) for _ in range(16)))
    together.close()
    assert Counter(answer.status_code for answer in answers) == {200: 6, 409: 10}
    assert busy_target.number("SELECT sum(size) FROM queues_party WHERE queue_id = %s", line.session_id) == 18


def test_of_those_who_end_one_place_at_once_one_wins(busy_target: Target) -> None:
    """The host serves or removes, a second host gives up, the guest leaves: one 200, the others a 404 that says why."""
    line = busy_target.line()
    parties = fill(line, FOUGHT_OVER)
    with line.client(host=True) as host:
        for party in parties:
            assert host.post("call", json={"partyId": party}).status_code == 200
    four = Together([line.client(SERVERS[number % 2], host=number != 2) for number in range(4)])
    actions = ["serve", "kick", "leave", "no-show"]
    won: Counter[str] = Counter()
    ends = {"serve": "served", "kick": "kicked", "leave": "left", "no-show": "no_show"}
    for party in parties:
        answers = four(*((action, {"partyId": party}) for action in actions))
        assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
        winner = next(action for action, answer in zip(actions, answers, strict=True) if answer.status_code == 200)
        assert all("error" in answer.json() for answer in answers if answer.status_code == 404)
        assert line.party(party)["status"] == ends[winner]
        won[winner] += 1
    four.close()
    told = [event["party_id"] for event in line.events(*ENDED)]
    assert len(told) == len(set(told)) == len(parties)
    assert len(won) >= 2, "one action always won: they did not race"


def test_the_sweep_against_those_who_come_in_time(busy_target: Target) -> None:
    """Calls end all the time while hosts seat and guests say that they are near: acknowledged means that it counted."""
    busy_target.run("web", "web2", "timers", "timers2")
    line = busy_target.line(autoAdvance=False)
    parties = fill(line, 120)
    with line.client(host=True) as host:
        for party in parties:
            assert host.post("call", json={"partyId": party}).status_code == 200
    # Deadlines over the next three seconds. Each party is seated and near at a moment between half a second before its own and
    # two seconds after it, when the sweep has come.
    begun = time.monotonic()
    busy_target.stack.sql(
        "UPDATE queues_party SET call_deadline = now() + ticket * interval '25 ms' WHERE queue_id = %s", line.session_id
    )
    chance = random.Random(7)
    moments = sorted((number * 0.025 + chance.uniform(-0.5, 2), party) for number, party in enumerate(parties, start=1))
    answers: dict[tuple[str, str], int] = {}

    def act(action: str, server: str, *, host: bool) -> None:
        with line.client(server, host=host) as client:
            for moment, party in moments:
                time.sleep(max(0, begun + moment - time.monotonic()))
                answers[party, action] = client.post(action, json={"partyId": party}).status_code

    actors: list[Callable[[], None]] = [
        lambda: act("serve", "web", host=True),
        lambda: act("declare-nearby", "web2", host=False),
    ]
    threads = [threading.Thread(target=actor) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    still = "SELECT count(*) FROM queues_party WHERE queue_id = %s AND status = 'called'"
    wait_until(lambda: busy_target.number(still, line.session_id) == 0)
    assert set(answers.values()) <= {200, 404}
    by_party: dict[str, list[str]] = {party: [] for party in parties}
    for event in line.events(*ENDED, "QUEUE_MEMBER_NEARBY"):
        by_party[str(event["party_id"])].append(event["type"])
    ends: Counter[str] = Counter()
    for party, told in by_party.items():
        end = "QUEUE_MEMBER_SERVED" if answers[party, "serve"] == 200 else "QUEUE_MEMBER_DROPPED"
        near = ["QUEUE_MEMBER_NEARBY"] if answers[party, "declare-nearby"] == 200 else []
        assert told == [*near, end]  # one end, the acknowledged one, and "near" only before it
        ends[end] += 1
    assert len(ends) == 2, f"one side always won: they did not race ({ends})"
    report(f"the sweep against the floor: {dict(ends)}")
