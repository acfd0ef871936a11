"""F1 for the close: timers that are killed while they seal a poll. What was sealed stands, and the digest is of all ballots."""

from typing import Any

import pytest

from polls import digest
from tests.contracts.queueup import http
from tests.faults.installation import Target, report
from tests.installation import FULL, wait_until
from tests.polls.running_poll import LivePoll

# A turn seals 64 subtrees of 2,048 ballots (polls/seals.py): for each kill one, and some are left.
BALLOTS = 800_000 if FULL else 80_000
KILLS = 5 if FULL else 1

# Macs of no key: sealing does not read them. The claims are for the receipts that are asked for.
FILL = """
INSERT INTO polls_ballot (poll_id, shard, voter_key, ballot_id, choices, cast_at, mac)
SELECT %s, 0, decode(md5('voter' || n), 'hex'), md5('ballot' || n)::uuid, '{1}', clock_timestamp(), decode(md5('mac' || n), 'hex')
  FROM generate_series(1, %s) AS n"""
COUNT = "INSERT INTO polls_seal (poll_id, shard, slot, ballots, changes, sum, changed_at) VALUES (%s, 0, 0, %s, 1, 0, now())"
CLAIM = """
INSERT INTO polls_claim (poll_id, shard, claim, voter_key, epoch)
SELECT poll_id, 0, ballot_id, voter_key, 0 FROM polls_ballot WHERE poll_id = %s ORDER BY ballot_id LIMIT 20"""
SUBTREES = "SELECT number, hash FROM polls_subtree WHERE poll_id = %s ORDER BY number"
EVENTS = "SELECT count(*) FROM outbox_event WHERE stream_id = %s AND type = 'POLL_SEALED'"


@pytest.mark.timeout(300 if FULL else 240)
def test_timers_killed_while_they_seal_go_on_where_they_died(polls: Target) -> None:
    poll = LivePoll(polls.stack)
    polls.stack.sql(FILL, poll.id, BALLOTS)
    polls.stack.sql(COUNT, poll.id, BALLOTS)
    polls.stack.sql(CLAIM, poll.id)
    polls.stack.kill("timers")
    poll.act("close")
    assert (poll.results()["status"], poll.results()["root"]) == ("closed", None)
    before: list[dict[str, Any]] = []

    def further() -> bool:
        return len(polls.rows(SUBTREES, poll.id)) > len(before)

    for _ in range(KILLS):
        polls.stack.start("timers")
        wait_until(further, what="a turn of sealing")
        polls.stack.kill("timers")
        after = polls.rows(SUBTREES, poll.id)
        assert after[: len(before)] == before, "what was sealed was changed"
        before = after
    polls.stack.start("timers")
    wait_until(lambda: poll.results()["root"], timeout_s=60, what="the digest")
    assert polls.rows(SUBTREES, poll.id)[: len(before)] == before
    assert polls.number(EVENTS, poll.id) == 1
    for row in polls.rows("SELECT claim FROM polls_claim WHERE poll_id = %s", poll.id):
        view = http.get(poll.url(f"/receipt/{row['claim']}")).json()
        steps = [(step["side"], bytes.fromhex(step["hash"])) for step in view["proof"]["path"]]
        assert digest.proves(bytes.fromhex(view["proof"]["leaf"]), steps, bytes.fromhex(poll.results()["root"]))
    report(f"{BALLOTS:,} ballots sealed by timers killed {KILLS} times; {len(before)} subtrees stood at the last kill")
