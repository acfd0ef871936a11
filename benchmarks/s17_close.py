"""S17: the close of a poll of a million ballots, while others vote in it: how long one of them waits, and how long it takes until
the digest is published; beside the tree over all ballots that was made under the poll's lock before."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.polls import CHOICES, MeasuredPoll
from polls import digest
from tests.installation import wait_until

VOTERS = 4
# Between an answer and the voter's next ballot: a load, not a flood, for what floods the machine slows the sealing down.
PAUSE_S = 0.05
# Of more ballots the digest of before cannot be made: its statement times out.
MOST_WHOLE = 2_000_000
MOST_WAIT_MS = 500.0
MOST_S = 10.0  # for a million
SAMPLES = 20
# A statement inserts so many.
CHUNK = 1_000_000

# Without claims and with macs of no key: neither the close nor a proof reads them.
FILL = """
INSERT INTO polls_ballot (poll_id, shard, voter_key, ballot_id, choices, cast_at, mac)
SELECT %(poll)s, 0, decode(md5('voter' || n), 'hex'), md5('ballot' || n)::uuid, ARRAY[n %% %(choices)s]::smallint[],
       clock_timestamp(), decode(md5('mac' || n), 'hex')
  FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""
COUNT = """
INSERT INTO polls_tally (poll_id, shard, slot, choice, count)
SELECT %(poll)s, 0, 0, choices[1], count(*) FROM polls_ballot WHERE poll_id = %(poll)s GROUP BY choices[1];
INSERT INTO polls_seal (poll_id, shard, slot, ballots, changes, sum, changed_at)
SELECT %(poll)s, 0, 0, count(*), count(*), 0, clock_timestamp() FROM polls_ballot WHERE poll_id = %(poll)s
"""
REOPEN = """
DELETE FROM polls_nodeseal; DELETE FROM polls_subtree;
UPDATE polls_poll SET status = 'open', closed_at = NULL, root = '', version = version + 1, epoch = epoch + 1
"""


def s17(bench: Bench) -> Iterator[Figure]:
    """One poll, closed and opened again `repeats` times."""
    size = bench.size(bench.options.ballots)
    site = bench.installation("web", "worker", "timers")
    poll = MeasuredPoll(site)
    fill(site, poll, size)
    waits: list[float] = []
    wholes: list[float] = []
    befores: list[float] = []
    for _ in range(bench.options.repeats):
        if size <= MOST_WHOLE:
            befores.append(float(site.inside("whole", poll.id)))
        with voting(poll) as told:
            whole_s = closed(poll)
        check(poll, told)
        wholes.append(whole_s)
        waits.append(1000 * max(spent for spent, _ in told))
        bench.say(
            f"a ballot waited {waits[-1]:,.0f} ms, sealed in {whole_s:.1f} s; under the lock before {befores[-1:]} s"
        )
        site.sql(REOPEN)
    figure = Figure(
        number="S17",
        what=f"close of a poll of {size:,} ballots: the longest that one of {VOTERS} voters waits for an answer",
        unit="ms",
        goal=Goal(most=MOST_WAIT_MS, absolute=True),
        reference="the tree over all ballots, made under the poll's lock before" if befores else "",
        ours=waits,
        theirs=[1000 * before for before in befores],
    )
    yield figure
    goal = Goal(most=max(1.0, MOST_S * size / 1e6), absolute=True)
    what = "the same: from the request to close until the digest is published, the voters trying on"
    yield replace(figure, what=what, unit="s", goal=goal, ours=wholes, theirs=befores)


def fill(site: Installation, poll: MeasuredPoll, size: int) -> None:
    """Puts this many ballots of as many voters into the poll."""
    with site.connection() as connection:
        # The key is made anew after them, which is much quicker than row by row.
        connection.execute("ALTER TABLE polls_ballot DROP CONSTRAINT polls_ballot_pkey")
        for first in range(1, size + 1, CHUNK):
            last = min(first + CHUNK - 1, size)
            connection.execute(FILL, {"poll": poll.id, "choices": len(CHOICES), "first": first, "last": last})
        connection.execute("SET maintenance_work_mem = '256MB'")
        connection.execute("ALTER TABLE polls_ballot ADD PRIMARY KEY (poll_id, shard, voter_key)")
        for statement in COUNT.split(";"):
            connection.execute(statement, {"poll": poll.id})
        connection.execute("VACUUM ANALYZE polls_ballot")


@contextmanager
def voting(poll: MeasuredPoll) -> Iterator[list[tuple[float, Any]]]:
    """Voters cast one ballot after the other until the block ends: for each its seconds and the receipt, or None when the poll
    was closed."""
    told: list[tuple[float, Any]] = []
    stop = threading.Event()

    def vote() -> None:
        with httpx.Client() as client:
            while not stop.is_set():
                ballot = {"ballotId": str(uuid4()), "choices": [0], "token": uuid4().hex}
                began = time.perf_counter()
                answer = client.post(f"{poll.url}/ballots", json=ballot, timeout=60)
                spent = time.perf_counter() - began
                assert answer.status_code in {201, 409}, answer.text
                told.append((spent, answer.json()["receipt"] if answer.status_code == 201 else None))
                stop.wait(PAUSE_S)

    voters = [threading.Thread(target=vote) for _ in range(VOTERS)]
    for voter in voters:
        voter.start()
    wait_until(lambda: len(told) > 10 * VOTERS, what="the first ballots")
    yield told
    stop.set()
    for voter in voters:
        voter.join()


def closed(poll: MeasuredPoll) -> float:
    """Closes it; seconds until its digest is published."""
    began = time.perf_counter()
    answer = httpx.post(f"{poll.url}/close", headers=poll.host, timeout=60)
    assert answer.status_code == 200, answer.text
    query = "SELECT 1 FROM polls_poll WHERE id = %s AND root <> ''"
    with poll.site.connection() as connection:
        wait_until(lambda: connection.execute(query, [poll.id]).fetchone(), timeout_s=1200, what="the digest")
    return time.perf_counter() - began


def check(poll: MeasuredPoll, told: list[tuple[float, Any]]) -> None:
    """All receipts are of ballots that are under the seal, and those of some lead to the digest."""
    receipts = [receipt for _, receipt in told if receipt]
    assert receipts and len(receipts) < len(told), "there are ballots from before the close and from after it"
    ids = [UUID(receipt["ballotId"]) for receipt in receipts]
    query = "SELECT count(*) AS n FROM polls_ballot WHERE poll_id = %s AND ballot_id = ANY(%s)"
    assert poll.site.sql(query, poll.id, ids) == [{"n": len(ids)}]
    [held] = poll.site.sql("SELECT count(*) AS n FROM polls_ballot WHERE poll_id = %s", poll.id)
    assert poll.site.sql("SELECT ballots AS n FROM polls_nodeseal WHERE poll_id = %s", poll.id) == [held]
    for ballot_id in ids[:SAMPLES]:
        view = httpx.get(f"{poll.url}/receipt/{ballot_id}").json()
        steps = [(step["side"], bytes.fromhex(step["hash"])) for step in view["proof"]["path"]]
        assert digest.proves(bytes.fromhex(view["proof"]["leaf"]), steps, bytes.fromhex(view["root"]))
