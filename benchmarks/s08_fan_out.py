"""S8: one change told to thousands of open WebSockets of a line (Channels consumers), and of event streams of a poll, beside the
time it takes to write the same frame to as many bare asyncio sockets."""

import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

import httpx

from benchmarks.bench import Bench
from benchmarks.clients.followers import Followers, Opening, Told, socket_request, stream_request
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.lines import filled
from benchmarks.polls import MeasuredPoll
from tests.installation import free_port

FOLLOWERS = 5_000
PARTIES = 50
# Results are written at most four times a second, and each stream looks by the clock once a second.
BETWEEN_S = 1.5


def run(bench: Bench) -> Iterator[Figure]:
    """Each pair of runs: the change, from its request to the last follower; the frame, from its order to the last socket."""
    count = bench.size(FOLLOWERS)
    yield _figure(f"one change to {count:,} WebSockets of a line: the last is told", 4, *_line(bench, count))
    yield _figure(f"one change to {count:,} event streams of a poll: the last is told", 3, *_poll(bench, count))


def _figure(what: str, most: float, mine: list[float], others: list[float], notes: list[str]) -> Figure:
    return Figure(
        number="S8", what=what, reference="the same frame written to bare asyncio sockets", goal=Goal(most=most),
        unit="ms", ours=mine, theirs=others, notes=notes,
    )  # fmt: skip


def _line(bench: Bench, count: int) -> tuple[list[float], list[float], list[str]]:
    """Guests of a line, several sockets a party; a join makes the line longer for all of them."""
    site = bench.installation("web", "worker", "timers")
    line = filled(site, waiting=0, called=1)
    parties = [line.join()["partyId"] for _ in range(PARTIES)]
    port = site.ports["web"]
    openings = [
        Opening(socket_request(f"/api/queue/{line.code}/connect?partyId={parties[n % PARTIES]}", port), b"queueLength")
        for n in range(count)
    ]
    waiting = PARTIES

    def change() -> bytes:
        nonlocal waiting
        waiting += 1
        return b'"queueLength":%d,' % (waiting + 1)

    frame = f'{{"type":"position","position":25,"aheadCount":25,"queueLength":{PARTIES},"estimatedWaitMs":4500000}}'
    return _both(bench, site, openings, change, lambda: line.join(), b"\x81\x7e\x00\x60" + frame.encode())


def _poll(bench: Bench, count: int) -> tuple[list[float], list[float], list[str]]:
    """All clients follow the results; one more ballot comes in."""
    site = bench.installation("web", "worker", "timers")
    poll = MeasuredPoll(site)
    openings = [Opening(stream_request(f"{poll.path}/stream", site.ports["web"]), b"data: {")] * count
    cast = 0

    def change() -> bytes:
        nonlocal cast
        cast += 1
        return b'"ballots":%d,' % cast

    def vote() -> None:
        answer = httpx.post(f"{poll.url}/ballots", json={"ballotId": str(uuid.uuid4()), "choices": [0]})
        assert answer.status_code == 201, answer.text

    shown = httpx.get(f"{poll.url}/results").content
    return _both(bench, site, openings, change, vote, b"id: 1\ndata: " + shown + b"\n\n")


def _both(
    bench: Bench,
    site: Installation,
    openings: Sequence[Opening],
    change: Callable[[], bytes],
    act: Callable[[], object],
    frame: bytes,
) -> tuple[list[float], list[float], list[str]]:
    """Times of ours and of the bare sockets, in ms, and what the client cost. `change()` says what the next `act()` brings."""
    port = free_port()
    bench.program([sys.executable, "-m", "benchmarks.references.fan_out", str(port), frame.hex()], port=port)
    client: list[float] = []
    bench.say(f"opening twice {len(openings):,} connections")
    with (
        Followers(site.ports["web"], openings, core=bench.load_core) as followers,
        Followers(port, [Opening(b"", b"")] * len(openings), core=bench.load_core) as bare,
        socket.create_connection(("127.0.0.1", port)) as order,
    ):

        def ours() -> float:
            time.sleep(BETWEEN_S)
            followers.expect(change())
            began = time.monotonic()
            act()
            told = followers.told()
            client.append(told.client_s)
            return _ms(told, began)

        def theirs() -> float:
            bare.expect(frame[-24:])
            began = time.monotonic()
            order.sendall(b"!")
            return _ms(bare.told(), began)

        mine, others = bench.in_turns(ours, theirs)
    site.stop()
    cost = f"of ours, the client's own work is up to {1000 * max(client):.0f} ms of CPU; it is in both times"
    return mine, others, [cost]


def _ms(told: Told, began: float) -> float:
    return 1000 * (told.last - began)
