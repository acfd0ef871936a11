"""Law 1: Redis may be killed, emptied or frozen. Mutations go on, snapshots stay right, and all converges when it is back."""

import signal
from collections.abc import Iterator

import httpx
import pytest
from redis import Redis as Client

from devserver.embedded import Redis
from tests.contracts.queueup import Line, guest_view, host_view, public_view
from tests.installation import NewStack, Stack, kept_version, wait_until
from tests.queues.line_socket import Socket, host_socket, opened

CONVERGED_S = 5.0
PATIENT = httpx.Timeout(3)


@pytest.fixture(scope="module")
def site(own_stack: NewStack, redis: Redis) -> Stack:
    """An installation on that Redis."""
    return own_stack("redisgone", 0, redis_url=redis.url).start("web", "web2", "timers")


@pytest.fixture
def redis_back(redis: Redis) -> Iterator[Redis]:
    """However a test ends, the next one finds a Redis that runs."""
    yield redis
    if redis.process is not None:
        redis.process.send_signal(signal.SIGCONT)
    redis.start()


def quickly(line: Line, action: str, body: dict[str, object]) -> httpx.Response:
    """A mutation that must succeed within 3 s."""
    answer = httpx.post(f"{line.api}/{action}", json=body, headers={"x-host-auth": line.token}, timeout=PATIENT)
    assert answer.status_code == 200, answer.text
    return answer


def an_evening_without_redis(line: Line) -> str:
    """Joins, calls, leaves; every snapshot right, in both processes. Returns the party that is left."""
    there = line.at("web2")
    ada, ben, cem = (quickly(line, "join", {"name": name}).json()["partyId"] for name in ("Ada", "Ben", "Cem"))
    # A process that has not noticed yet that Redis is silent believes its memory for a moment longer (hub.SILENT_S).
    wait_until(lambda: len(host_view(there)["queue"]) == 3, timeout_s=CONVERGED_S, what="the other process to notice")
    for view in (line, there):
        assert [party["id"] for party in host_view(view)["queue"]] == [ada, ben, cem]
        assert guest_view(view, cem)["position"] == 3
    assert quickly(line, "advance", {}).json()["nowServing"]["id"] == ada
    quickly(line, "leave", {"partyId": ben})
    quickly(line, "advance", {"servedParty": ada})
    for view in (line, there):
        shown = host_view(view)
        assert (shown["queue"], shown["nowServing"]["id"]) == ([], cem)
        assert guest_view(view, ada) == {"type": "removed", "reason": "served"}
        assert guest_view(view, ben) == {"type": "removed", "reason": "left"}
        assert guest_view(view, cem)["type"] == "called"
        public = public_view(view)
        assert [party["ticket"] for party in public["called"]] == [3]
    return str(cem)


def converges(line: Line, socket: Socket, redis: Redis) -> None:
    """The open socket gets changes of that time and new ones; the row is in Redis again."""
    expected = {key: value for key, value in host_view(line).items() if key != "closed"}
    socket.until(lambda message: message == expected)
    line.join("Afterwards")
    socket.until(lambda message: [party["name"] for party in message["queue"]] == ["Afterwards"])
    assert line.at("web2").snapshot().content == line.snapshot().content

    def row_is_back() -> bool:
        version: int = public_view(line)["version"]
        return kept_version(redis.url, line.code) == version

    wait_until(row_is_back, timeout_s=CONVERGED_S, what="the row in Redis")


def test_redis_killed_and_emptied(site: Stack, redis_back: Redis) -> None:
    line = Line.open(site)
    with host_socket(line.at("web2")) as socket:
        socket.next()
        redis_back.kill()
        an_evening_without_redis(line)
        # A socket that comes now hears nothing from Redis: it is shown what its server sees when it looks.
        with host_socket(line) as late:
            late.next()
            party = line.join("Meanwhile")["partyId"]
            late.until(lambda message: [each["name"] for each in message["queue"]] == ["Meanwhile"])
            assert line.post("leave", {"partyId": party}).status_code == 200
            late.until(lambda message: message["queue"] == [])
        redis_back.start()
        converges(line, socket, redis_back)
    with host_socket(line) as again:
        assert [party["name"] for party in again.next()["queue"]] == ["Afterwards"]


def test_redis_frozen(site: Stack, redis_back: Redis) -> None:
    line = Line.open(site)
    with host_socket(line.at("web2")) as socket:
        socket.next()
        assert redis_back.process is not None
        redis_back.process.send_signal(signal.SIGSTOP)
        an_evening_without_redis(line)
        redis_back.process.send_signal(signal.SIGCONT)
        converges(line, socket, redis_back)


def test_redis_emptied_while_it_runs(site: Stack, redis_back: Redis) -> None:
    """FLUSHALL: rows, locks and all are gone, connections are not."""
    line = Line.open(site)
    party = line.join("Ada")["partyId"]
    with opened(line, partyId=party) as socket:
        assert socket.next()["position"] == 1
        with Client.from_url(redis_back.url) as client:
            client.flushall()
        assert guest_view(line, party)["position"] == 1
        line.host("advance")
        assert socket.next() == {"type": "called", "deadline": host_view(line)["callDeadline"]}


def test_without_redis_nothing_is_logged_as_our_fault(site: Stack, redis_back: Redis) -> None:
    """Warnings, yes; tracebacks and error lines are for what somebody must mend."""
    line = Line.open(site)
    before = len(site.log("web"))
    redis_back.kill()
    an_evening_without_redis(line)
    assert "Traceback" not in site.log("web")[before:]
