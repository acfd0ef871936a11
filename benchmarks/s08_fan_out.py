"""S8: one change told to thousands of open WebSockets of a line (Channels consumers), and of event streams of a poll, beside the
time it takes to write the same frame to as many bare asyncio sockets."""

import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count

import httpx

from benchmarks.bench import Bench
from benchmarks.clients.followers import Followers, Opening, Told, stream_request
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.lines import filled, guests_sockets
from benchmarks.polls import MeasuredPoll
from tests.installation import free_port

FOLLOWERS = 5_000
PARTIES = 50
# Results are written at most four times a second, and each stream looks by the clock once a second.
BETWEEN_S = 1.5


def s8(bench: Bench) -> Iterator[Figure]:
    """Each pair of runs: the change, from its request to the last follower; the frame, from its order to the last socket."""
    yield _line(bench, bench.size(FOLLOWERS))
    yield _poll(bench, bench.size(FOLLOWERS))


def _line(bench: Bench, followers: int) -> Figure:
    """Guests of a line, several sockets a party; a join makes the line longer for all of them."""
    site = bench.installation("web", "worker", "timers")
    line = filled(site, waiting=0, called=1)
    openings = guests_sockets(line, PARTIES, followers)
    news = (b'"queueLength":%d,' % length for length in count(PARTIES + 2))
    frame = f'{{"type":"position","position":25,"aheadCount":25,"queueLength":{PARTIES},"estimatedWaitMs":4500000}}'
    figure = _figure(f"one change to {followers:,} WebSockets of a line: the last is told", most=4)
    return _both(bench, site, figure, openings, news, lambda: line.join(), b"\x81\x7e\x00\x60" + frame.encode())


def _poll(bench: Bench, followers: int) -> Figure:
    """All clients follow the results; one more ballot comes in."""
    site = bench.installation("web", "worker", "timers")
    poll = MeasuredPoll(site)
    openings = [Opening(stream_request(f"{poll.path}/stream"), b"data: {")] * followers
    news = (b'"ballots":%d,' % ballots for ballots in count(1))

    def vote() -> None:
        answer = httpx.post(f"{poll.url}/ballots", json={"ballotId": str(uuid.uuid4()), "choices": [0]})
        assert answer.status_code == 201, answer.text

    shown = httpx.get(f"{poll.url}/results").content
    figure = _figure(f"one change to {followers:,} event streams of a poll: the last is told", most=3)
    return _both(bench, site, figure, openings, news, vote, b"id: 1\ndata: " + shown + b"\n\n")


def _figure(what: str, *, most: float) -> Figure:
    reference = "the same frame written to bare asyncio sockets"
    return Figure(number="S8", what=what, unit="ms", goal=Goal(most=most), reference=reference)


def _both(
    bench: Bench,
    site: Installation,
    figure: Figure,
    openings: Sequence[Opening],
    news: Iterator[bytes],
    act: Callable[[], object],
    frame: bytes,
) -> Figure:
    """The figure with the times of ours and of the bare sockets. The next of `news` is what the next `act()` brings."""
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
            followers.expect(next(news))
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

        found = bench.compared(figure, ours, theirs)
    site.stop()
    cost = f"of ours, the client's own work is up to {1000 * max(client):.0f} ms of CPU; it is in both times"
    return replace(found, notes=[cost])


def _ms(told: Told, began: float) -> float:
    return 1000 * (told.last - began)
