"""S9: what an idle WebSocket or event stream keeps in the server's memory (RSS), beside a Channels consumer on the same
server."""

import json
from collections.abc import Callable, Iterator, Sequence

import httpx

from benchmarks.bench import Bench
from benchmarks.clients.followers import Followers, Opening, room_auth, socket_request, stream_request
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.lines import filled
from benchmarks.polls import MeasuredPoll
from benchmarks.processes import settled_memory_kib

CONNECTIONS = 5_000
# Opened before anything is weighed: what the first ones cost, they cost once.
FIRST = 100
PARTIES = 50
# It does not vary like time does.
REPEATS = 3

Openings = Callable[[int], Sequence[Opening]]


def run(bench: Bench) -> Iterator[Figure]:
    """Each kind and each run has a new server process, for freed memory is used again."""
    count = bench.size(CONNECTIONS)
    site = bench.installation("web", "worker", "timers")
    repeats = min(bench.options.repeats, REPEATS)
    consumers = [_consumer_kib(bench, site, count) for _ in range(repeats)]
    as_a_consumer = Goal(most=1.15)
    for what, openings, goal in (
        ("WebSocket of a line", _line(site), as_a_consumer),
        ("WebSocket of a poll", _poll_socket(site), as_a_consumer),
        ("event stream of a poll", _poll_stream(site), Goal(most=18, absolute=True)),
        ("WebSocket of a room", _room(site, count + FIRST), as_a_consumer),
    ):
        runs = []
        for _ in range(repeats):
            site.kill("web")
            site.start("web")
            runs.append(_grown_kib(bench, site.ports["web"], site.pid(), openings, count))
            bench.say(f"{what}: {runs[-1]:.1f} KiB")
        yield Figure(
            number="S9",
            what=f"memory of an idle {what}, of {count:,}",
            reference="Channels consumer in a group, same server",
            goal=goal,
            unit="KiB",
            ours=runs,
            theirs=consumers,
        )


def _grown_kib(bench: Bench, port: int, pid: int, openings: Openings, count: int) -> float:
    """KiB a connection, of `count` opened beside the first ones."""
    with Followers(port, openings(FIRST), core=bench.load_core):
        before = settled_memory_kib(pid)
        with Followers(port, openings(FIRST + count)[FIRST:], core=bench.load_core):
            return (settled_memory_kib(pid) - before) / count


def _consumer_kib(bench: Bench, site: Installation, count: int) -> float:
    server = bench.on_the_same_server("benchmarks.references.consumer:application", REDIS_URL=site.env["REDIS_URL"])
    assert server.port is not None
    opening = Opening(socket_request("/", server.port), b"position")
    grown = _grown_kib(bench, server.port, server.process.pid, lambda n: [opening] * n, count)
    server.stop()
    bench.say(f"Channels consumer: {grown:.1f} KiB")
    return grown


def _line(site: Installation) -> Openings:
    line = filled(site, waiting=0, called=1)
    ids = [line.join()["partyId"] for _ in range(PARTIES)]
    path = f"/api/queue/{line.code}/connect?partyId="
    return lambda n: [
        Opening(socket_request(path + ids[i % PARTIES], site.ports["web"]), b"queueLength") for i in range(n)
    ]


def _poll_socket(site: Installation) -> Openings:
    path = f"{MeasuredPoll(site).path}/connect"
    return lambda n: [Opening(socket_request(path, site.ports["web"]), b'"type":"results"')] * n


def _poll_stream(site: Installation) -> Openings:
    path = f"{MeasuredPoll(site).path}/stream"
    return lambda n: [Opening(stream_request(path, site.ports["web"]), b"data: {")] * n


def _room(site: Installation, count: int) -> Openings:
    """Every socket is another voter. A room is never idle: it tells all of them each second."""
    made = httpx.post(f"{site.url()}/api/rooms", json={"title": "Dessert?"})
    assert made.status_code == 201, made.text
    room: str = made.json()["room"]
    voters = json.loads(site.inside("voters", room, str(count)))
    request = socket_request("/api/vote_ws/", site.ports["web"])
    return lambda n: [
        Opening(request, b"101 Switching", room_auth(user, token, room), b'"data"') for user, token in voters[:n]
    ]
