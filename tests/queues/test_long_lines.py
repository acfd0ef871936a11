"""Lines of hundreds and more: what changed is told instead of the line, and everybody sees what they would see of the whole
(decision 0015). How a version is made of the one before is compared with the whole by tests/properties."""

import signal

import httpx
import pytest
from redis import Redis as Client

from devserver.embedded import Redis
from queues.selectors import LONG_LINE
from realtime import store
from tests.contracts.queueup import Line, guest_view, host_view, public_view
from tests.installation import NewStack, Stack, wait_until
from tests.properties.compare import queue_after
from tests.queues.line_socket import host_socket, opened

CONVERGED_S = 5.0
WAITING = LONG_LINE + 5


@pytest.fixture(scope="module")
def site(own_stack: NewStack, redis: Redis) -> Stack:
    """An installation on that Redis."""
    return own_stack("longlines", 0, redis_url=redis.url).start("web", "web2", "timers")


@pytest.fixture
def line(site: Stack) -> Line:
    """A long line. Its parties were inserted without events, so only the whole line tells of them."""
    made = Line.open(site)
    made.sql(
        """INSERT INTO queues_party (id, queue_id, ticket, rank, name, size, note, status, nearby, walk_in, joined_at,
                                     quote_low_ms, quote_high_ms, call_count, told_position_2, told_position_5)
           SELECT gen_random_uuid(), %s, n, n::bigint << 20, '', 1, '', 'waiting', false, false, now(), 0, 0, 0, false, false
             FROM generate_series(1, %s) n""",
        made.session_id, WAITING,
    )  # fmt: skip
    made.sql(
        "UPDATE queues_queue SET max_guests = 100000, next_ticket = %s, version = version + 1, last_activity_at = now()"
        " WHERE id = %s",
        WAITING + 1, made.session_id,
    )  # fmt: skip
    for server in ("web", "web2"):
        wait_until(lambda s=server: right(made.at(s)), timeout_s=CONVERGED_S, what="the line to be shown")  # type: ignore[misc]
    return made


def right(line: Line) -> bool:
    """Whether host and public are shown exactly what Postgres holds."""
    held = line.sql(
        "SELECT q.version, p.ticket, p.nearby, p.id::text FROM queues_queue q LEFT JOIN queues_party p ON p.queue_id = q.id"
        " AND p.status = 'waiting' WHERE q.id = %s ORDER BY p.rank, p.ticket",
        line.session_id,
    )
    shown = public_view(line)
    return (
        shown["version"] == held[0]["version"]
        and [(party["ticket"], party["nearby"]) for party in shown["queue"]]
        == [(p["ticket"], p["nearby"]) for p in held]
        and [party["id"] for party in host_view(line)["queue"]] == [party["id"] for party in held]
    )


def changes(line: Line, since: int) -> httpx.Response:
    return httpx.get(f"{line.api}/snapshot", params={"since": since})


def an_evening(line: Line) -> str:
    """Guests come, say that they are near and leave, hosts call and move: each sees their own at once. The party left."""
    ada, ben = (line.join(name)["partyId"] for name in ("Ada", "Ben"))
    assert guest_view(line, ada)["position"] == WAITING + 1
    assert host_view(line)["queue"][-1]["id"] == ben
    assert line.post("declare-nearby", {"partyId": ben}).status_code == 200
    assert host_view(line)["queue"][-1]["nearby"] is True
    line.host("reorder", {"partyId": ben, "position": 1})
    assert guest_view(line, ben)["position"] == 1
    assert line.host("advance")["nowServing"]["id"] == ben
    assert guest_view(line, ben)["type"] == "called"
    assert guest_view(line, ada)["position"] == WAITING + 2
    assert line.post("leave", {"partyId": ada}).status_code == 200
    assert guest_view(line, ada) == {"type": "removed", "reason": "left"}
    line.host("advance", {"servedParty": ben})
    line.host("undo")
    assert host_view(line)["nowServing"]["id"] == ben
    line.host("pause")
    assert public_view(line)["paused"] is True
    line.host("resume")
    return str(ben)


def of_row(redis: Redis, line: Line) -> bytes | None:
    with Client.from_url(redis.url) as client:
        return client.hget(store.key("line", line.code), "r")


def test_a_change_is_told_to_all_without_the_line(line: Line, redis: Redis) -> None:
    row, before = of_row(redis, line), public_view(line)
    ben = an_evening(line)
    assert of_row(redis, line) == row
    for each in (line, line.at("web2")):
        wait_until(lambda e=each: right(e), timeout_s=CONVERGED_S, what="all of it to be shown")  # type: ignore[misc]
        assert guest_view(each, ben)["type"] == "called"
    assert of_row(redis, line) == row
    # A client can apply the changes to its line; the answer has the same bytes from each process.
    told = [changes(each, before["version"]) for each in (line, line.at("web2"))]
    assert told[0].content == told[1].content
    assert queue_after(before["queue"], told[0].json()) == public_view(line)["queue"]
    assert len(told[0].content) < 6_000, "the line has 27 KB"


def test_changes_have_an_etag_of_their_own(line: Line) -> None:
    version = public_view(line)["version"]
    unchanged = changes(line, version)
    assert (unchanged.json()["changed"], unchanged.json()["version"]) == ([], version)
    known = {"If-None-Match": unchanged.headers["etag"]}
    url = f"{line.api}/snapshot?since={version}"
    assert httpx.get(url, headers=known).status_code == 304
    ticket = line.join()["ticket"]
    shown = httpx.get(url, headers=known)
    assert [entry["ticket"] for entry in shown.json()["changed"]] == [ticket]


@pytest.mark.parametrize("since", ["0", "999999999", "-1", "1e3", "٣", "", "9" * 300])
def test_a_client_without_a_known_version_is_shown_the_line(since: str, line: Line) -> None:
    shown = httpx.get(f"{line.api}/snapshot", params={"since": since})
    assert shown.json() == public_view(line)


def test_hosts_and_guests_are_shown_their_own_view_with_any_version(line: Line) -> None:
    version = public_view(line)["version"]
    party = line.join()["partyId"]
    guest = httpx.get(f"{line.api}/snapshot", params={"since": version, "partyId": party}).json()
    assert guest == guest_view(line, party)
    host = httpx.get(f"{line.api}/snapshot", params={"since": version}, headers={"x-host-auth": line.token}).json()
    assert host == host_view(line)


def test_changes_show_nothing_personal(line: Line) -> None:
    version = public_view(line)["version"]
    party = line.join("CANARY")["partyId"]
    line.host("edit", {"partyId": party, "note": "CANARY"})
    text = changes(line, version).text
    assert not [secret for secret in ("CANARY", party, line.session_id, "rank") if secret in text]
    # An edit of hidden fields is no change.
    seen = changes(line, version).json()["version"]
    line.host("edit", {"partyId": party, "note": "again"})
    assert changes(line, seen).json()["changed"] == []


def test_short_lines_tell_what_changed_too(site: Stack) -> None:
    line = Line.open(site)
    line.join()
    before = public_view(line)
    line.join()
    view = changes(line, before["version"]).json()
    assert queue_after(before["queue"], view) == public_view(line)["queue"]


def test_sockets_hear_of_it(line: Line) -> None:
    party = line.join()["partyId"]
    with opened(line.at("web2"), partyId=party) as guest, host_socket(line.at("web2")) as host:
        assert guest.next()["position"] == WAITING + 1
        line.host("advance")  # one less waits, one is served: the guest's position is the same, and not told again
        host.until(lambda message: message["nowServing"] is not None)
        line.host("advance", {"nextParty": party})
        assert guest.next()["type"] == "called"


def stop(redis: Redis, how: str) -> None:
    if how == "killed":
        redis.kill()
    else:
        assert redis.process is not None
        redis.process.send_signal(signal.SIGSTOP)


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_without_redis_all_are_shown_the_newest(how: str, line: Line, redis: Redis) -> None:
    stop(redis, how)
    try:
        an_evening(line)
        wait_until(lambda: right(line.at("web2")), timeout_s=CONVERGED_S, what="the other process to look")
        assert right(line)
    finally:
        if redis.process is not None:
            redis.process.send_signal(signal.SIGCONT)
        redis.start()
    line.join()
    for each in (line, line.at("web2")):
        wait_until(lambda e=each: right(e), timeout_s=CONVERGED_S, what="all to converge")  # type: ignore[misc]


def test_what_was_lost_on_the_way_is_told_again(line: Line, redis: Redis) -> None:
    """The answer of a process that died, or the message of a Redis that forgot: the timers tell the version."""
    there = line.at("web2")
    assert right(there)
    with Client.from_url(redis.url) as client:
        for listener in client.client_list(_type="pubsub"):
            client.client_kill_filter(_id=listener["id"])
    line.join()
    wait_until(lambda: right(there), timeout_s=CONVERGED_S, what="the other process to hear of it")
    # As if a process had died before it told the others.
    line.sql("UPDATE queues_queue SET version = version + 1, last_activity_at = now() WHERE id = %s", line.session_id)
    wait_until(lambda: right(line) and right(there), timeout_s=CONVERGED_S, what="the timers to tell")
