"""S9: what an idle WebSocket or event stream keeps in the server's memory (RSS), beside a Channels consumer on the same
server."""

import json
from collections.abc import Iterator, Sequence

import httpx

from benchmarks.bench import Bench
from benchmarks.clients.followers import Followers, Opening, room_auth, socket_request, stream_request
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.lines import filled, guests_sockets
from benchmarks.polls import MeasuredPoll
from benchmarks.processes import settled_memory_kib

CONNECTIONS = 5_000
# Opened before anything is weighed: what the first ones cost, they cost once.
FIRST = 100
PARTIES = 50
# It does not vary like time does.
REPEATS = 3


def s9(bench: Bench) -> Iterator[Figure]:
    """Each kind and each run has a new server process, for freed memory is used again."""
    site = bench.installation("web", "worker", "timers")
    count = bench.size(CONNECTIONS)
    repeats = min(bench.options.repeats, REPEATS)
    consumers = [_consumer_kib(bench, site, count) for _ in range(repeats)]
    as_a_consumer = Goal(most=1.15)
    poll = MeasuredPoll(site).path
    followed = Opening(socket_request(f"{poll}/connect"), b'"type":"results"')
    streamed = Opening(stream_request(f"{poll}/stream"), b"data: {")
    opened = FIRST + count
    for what, goal, openings in (
        ("WebSocket of a line", as_a_consumer, guests_sockets(filled(site, waiting=0), PARTIES, opened)),
        ("WebSocket of a poll", as_a_consumer, [followed] * opened),
        ("event stream of a poll", Goal(most=18, absolute=True), [streamed] * opened),
        ("WebSocket of a room", as_a_consumer, _voters(site, opened)),
    ):
        runs = []
        for _ in range(repeats):
            site.kill("web")
            site.start("web")
            runs.append(_grown_kib(bench, site.ports["web"], site.pid(), openings))
            bench.say(f"{what}: {runs[-1]:.1f} KiB")
        yield Figure(
            number="S9",
            what=f"memory of an idle {what}, of {count:,}",
            unit="KiB",
            goal=goal,
            reference="Channels consumer in a group, same server",
            ours=runs,
            theirs=consumers,
        )


def _grown_kib(bench: Bench, port: int, pid: int, openings: Sequence[Opening]) -> float:
    """KiB a connection, of those opened beside the first ones."""
    with Followers(port, openings[:FIRST], core=bench.load_core):
        before = settled_memory_kib(pid)
        with Followers(port, openings[FIRST:], core=bench.load_core):
            return (settled_memory_kib(pid) - before) / len(openings[FIRST:])


def _consumer_kib(bench: Bench, site: Installation, count: int) -> float:
    server = bench.on_the_same_server("benchmarks.references.consumer:application", REDIS_URL=site.env["REDIS_URL"])
    openings = [Opening(socket_request("/"), b"position")] * (FIRST + count)
    grown = _grown_kib(bench, server.port, server.process.pid, openings)
    server.stop()
    bench.say(f"Channels consumer: {grown:.1f} KiB")
    return grown


def _voters(site: Installation, count: int) -> list[Opening]:
    """Every socket is another voter. A room is never idle: it tells all of them each second."""
    made = httpx.post(f"{site.url()}/api/rooms", json={"title": "Dessert?"})
    assert made.status_code == 201, made.text
    room: str = made.json()["room"]
    request = socket_request("/api/vote_ws/")
    return [
        Opening(request, b"101 Switching", room_auth(user, token, room), b'"data"')
        for user, token in json.loads(site.inside("voters", room, str(count)))
    ]
