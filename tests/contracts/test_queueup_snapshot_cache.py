"""Contract queueup.md, "GET /api/queue/{code}/snapshot": ETags, 304 and the row in Redis."""

import re
from functools import partial
from typing import Any

from redis import Redis

from realtime import broadcast
from tests.contracts.queueup import Line, at_once, host_view, http, public_view
from tests.installation import wait_until


# ------------------------------------------------------------------------------------------------------------ ETag, 304
def viewers(line: Line, party: str) -> list[tuple[str | None, bool]]:
    return [(None, False), (None, True), (party, False)]


def test_etag_304_and_cache_control_of_every_view(busy: tuple[Line, list[str]]) -> None:
    line, ids = busy
    tags = []
    for party, host in viewers(line, ids[3]):
        first = line.snapshot(party, host=host)
        etag = first.headers["etag"]
        assert re.fullmatch(r'"[0-9a-f]{16}"', etag)
        assert first.headers["cache-control"] == "no-cache, no-store, must-revalidate"
        assert first.headers["content-type"] == "application/json"
        for known in (etag, f"W/{etag}", f'"0000000000000000", {etag}', f'"a",W/{etag} , "b"', "*"):
            again = line.snapshot(party, host=host, sent={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == etag
            assert again.headers["cache-control"] == first.headers["cache-control"]
            assert "content-type" not in again.headers
        for known in ('"0000000000000000"', etag.strip('"'), etag.upper().replace("A", "B"), "", "W/"):
            if known != etag:
                assert line.snapshot(party, host=host, sent={"If-None-Match": known}).status_code == 200
        tags.append(etag)
    assert len(set(tags)) == 3


def test_the_etag_follows_the_content(busy: tuple[Line, list[str]]) -> None:
    line, ids = busy
    before = {view: line.snapshot(view[0], host=view[1]).headers["etag"] for view in viewers(line, ids[3])}
    line.post(
        "declare-nearby", {"partyId": ids[0]}
    )  # called and not the last: neither the old host view nor guests see it
    after = {view: line.snapshot(view[0], host=view[1]).headers["etag"] for view in viewers(line, ids[3])}
    assert [before[view] == after[view] for view in before] == [False, True, True]
    line.post("leave", {"partyId": ids[2]})
    last = {view: line.snapshot(view[0], host=view[1]).headers["etag"] for view in viewers(line, ids[3])}
    assert not [view for view in last if last[view] == after[view]]


def test_head_is_a_get_without_body(line: Line) -> None:
    shown = line.snapshot()
    head = http.head(f"{line.api}/snapshot")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", shown.headers["etag"])
    assert head.headers["content-length"] == str(len(shown.content))


# ------------------------------------------------------------------------------------------------------- the cache row
def test_every_mutation_is_in_the_next_snapshot(line: Line) -> None:
    """From the row in Redis, and from no older one: 40 changes, each looked at at once."""
    party = line.join("Ada")["partyId"]
    for change in range(20):
        line.host("edit", {"partyId": party, "size": change + 2})
        assert host_view(line)["queue"][0]["size"] == change + 2
        line.host("edit", {"partyId": party, "name": f"Ada {change}"})
        assert host_view(line)["queue"][0]["name"] == f"Ada {change}"


def test_the_row_expires_in_30_seconds_and_is_at_the_lines_version(busy: tuple[Line, list[str]], cache: Redis) -> None:
    line, _ = busy
    line.snapshot()
    assert 0 < cache.pttl(f"tl:line:{line.code}") <= 30_000
    version = cache.hget(f"tl:line:{line.code}", "v")
    assert int(str(version, "ascii") if isinstance(version, bytes) else 0) == public_view(line)["version"]


def forget(line: Line, cache: Redis) -> None:
    """The row is gone, and every process doubts what it remembers: there is a newer version, it hears."""
    row = f"tl:line:{line.code}"
    newer = int(cache.hget(row, "v") or 0) + 1
    assert cache.delete(row) == 1
    broadcast.tell(row, newer)


def looked_up(line: Line, cache: Redis, party: str | None, host: bool) -> bool:
    """Looks, and says whether the row is there again."""
    line.snapshot(party, host=host)
    return bool(cache.exists(f"tl:line:{line.code}"))


def test_a_missing_row_is_rebuilt_from_postgres(busy: tuple[Line, list[str]], cache: Redis) -> None:
    line, ids = busy
    before = [line.snapshot(party, host=host) for party, host in viewers(line, ids[3])]
    for view, (party, host) in zip(before, viewers(line, ids[3]), strict=True):
        forget(line, cache)
        again = line.snapshot(party, host=host)
        assert (again.content, again.headers["etag"]) == (view.content, view.headers["etag"])
        wait_until(partial(looked_up, line, cache, party, host))
        line.snapshot(party, host=host)  # joins a look at Postgres that is still under way
    # From Postgres, not from a process's memory.
    line.sql("UPDATE queues_queue SET event_name = 'Rebuilt' WHERE id = %s", line.session_id)
    assert public_view(line)["eventName"] == "Friday"
    forget(line, cache)
    wait_until(lambda: public_view(line)["eventName"] == "Rebuilt")


def test_a_miss_is_never_an_empty_line(busy: tuple[Line, list[str]], cache: Redis) -> None:
    line, _ = busy

    def look(index: int) -> list[Any]:
        seen = []
        for _ in range(15):
            if index == 0:
                cache.delete(f"tl:line:{line.code}")
            answer = line.snapshot()
            seen.append((answer.status_code, [party["ticket"] for party in answer.json()["queue"]]))
        return seen

    assert all(one == (200, [3, 4]) for seen in at_once(6, look) for one in seen)


def test_a_row_older_than_postgres_is_repaired(busy: tuple[Line, list[str]], cache: Redis) -> None:
    """What a process that died between its commit and its write leaves behind."""
    line, ids = busy
    key = f"tl:line:{line.code}"
    older: Any = cache.hgetall(key)
    line.join("Newest")
    cache.hset(key, mapping=older)
    wait_until(lambda: int(cache.hget(key, "v") or 0) == 9, timeout_s=5, what="the timers to repair the row")
    assert len(host_view(line)["queue"]) == 3
