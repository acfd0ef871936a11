"""F3, as guests see it: workers and timers are killed amid messages by three ways. None is lost; a kill repeats at most what was
in hand, and only where the other side cannot tell a message by its name."""

import time
from collections import Counter

import pytest

from tests.faults.installation import PENDING, Target, report
from tests.faults.reached import Told, reached
from tests.installation import FULL, wait_until

GUESTS, KILLS = (360, 8) if FULL else (24, 2)
WAITING = "SELECT count(*) FROM reach_message WHERE state = 'due'"
# What a killed worker had in hand: no other worker may touch it until its lease is over.
IN_HAND = """
SELECT party_id::text AS party, kind, way FROM reach_message WHERE state = 'due' AND leased_until > clock_timestamp()
UNION ALL
SELECT e.party_id::text, 'join_confirm', 'push' FROM outbox_effect x JOIN outbox_event e ON e.id = x.event_id
 WHERE x.name = 'push' AND x.status <> 'done' AND x.leased_until > clock_timestamp()"""
END_LEASES = (
    "UPDATE reach_message SET leased_until = now() WHERE leased_until IS NOT NULL",
    "UPDATE outbox_effect SET leased_until = now() WHERE leased_until IS NOT NULL",
)


def end_leases(target: Target) -> None:
    """The small run does not wait for them."""
    for statement in () if FULL else END_LEASES:
        target.stack.sql(statement)


@pytest.mark.timeout(1500 if FULL else 240)
def test_killed_workers_leave_no_guest_untold_by_any_way(target: Target) -> None:
    with reached(target) as there:
        target.run("web")
        there.set_up(GUESTS)
        there.tell()
        expected = there.expected()
        first = sum(kind != "called" for _, kind, _ in expected)
        in_hand: Counter[Told] = Counter()
        began = time.monotonic()
        for kill in range(1, KILLS + 1):
            target.run("web", "worker", "timers")
            share = kill * first // (KILLS + 1)
            wait_until(lambda share=share: there.number_taken() >= share, timeout_s=120, what=f"{share} messages")  # type: ignore[misc]
            target.stack.kill("worker")
            if kill % 2 == 0:
                target.stack.kill("timers")
            assert target.number(WAITING) + target.number(PENDING) > 0, "the workers were faster than the kill"
            in_hand.update((row["party"], row["kind"], row["way"]) for row in target.rows(IN_HAND))
            end_leases(target)
        target.run("web", "worker", "timers")
        wait_until(
            lambda: target.number(WAITING) == 0 and target.number(PENDING) == 0,
            timeout_s=300 if FULL else 90,
            what=f"every message: {target.rows(WAITING)}, {target.stack.log('worker')[-1500:]}",
        )
        took_s = time.monotonic() - began
        taken = there.taken()
        lost, twice = expected - set(taken), {told: n - 1 for told, n in taken.items() if n > 1}
        assert not lost and set(taken) == expected
        assert all(more <= in_hand[told] for told, more in twice.items()), (twice, in_hand)
        assert len({took.key for took in there.gateway.took}) == len(there.gateway.took)
        for server in (there.gateway, there.twilio, there.phones):
            assert server.faults == []
        assert target.rows("SELECT kind, way, detail FROM reach_message WHERE state = 'failed'") == []
        by = Counter(way for _, _, way in twice)
        report(
            f"F3: {len(expected)} messages to {GUESTS} guests by push, SMS and e-mail, {KILLS} kills with "
            f"{in_hand.total()} in hand: 0 lost, {sum(twice.values())} twice {dict(by)}, {took_s:.0f} s"
        )
