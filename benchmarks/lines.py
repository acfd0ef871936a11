"""Lines to be measured, filled through their API, and what they must show."""

from benchmarks.clients.followers import Opening, socket_request
from benchmarks.installation import Installation
from tests.installation import LiveLine, wait_until

WAITING = 20
CONVERGES_WITHIN_S = 5.0


def filled(site: Installation, *, waiting: int = WAITING, called: int = 1) -> LiveLine:
    """A line with `waiting` and `called` parties, and room for more than a creator without an account may have."""
    line = roomy(site)
    for _ in range(waiting + called):
        line.join(size=2)
    for _ in range(called):
        line.host("advance")
    return line


def roomy(site: Installation) -> LiveLine:
    """A line without a bound for practical purposes (one million guests)."""
    line = site.open_line()
    site.sql("UPDATE queues_queue SET max_guests = 1000000 WHERE id = %s", line.session_id)
    return line


def guests_sockets(line: LiveLine, parties: int, count: int) -> list[Opening]:
    """Lets `parties` guests join; `count` sockets of them, several a party."""
    ids = [line.join()["partyId"] for _ in range(parties)]
    paths = [f"/api/queue/{line.code}/connect?partyId={each}" for each in ids]
    return [Opening(socket_request(paths[number % parties]), b"queueLength") for number in range(count)]


def check_shown(line: LiveLine) -> None:
    """The public snapshot shows exactly what Postgres holds, once nothing is under way. AssertionError when it does not."""

    def same() -> bool:
        held = line.stack.sql(
            "SELECT q.version, p.ticket, p.size FROM queues_queue q LEFT JOIN queues_party p"
            " ON p.queue_id = q.id AND p.status = 'waiting' WHERE q.id = %s ORDER BY p.rank, p.ticket",
            line.session_id,
        )
        shown = line.snapshot().json()
        waiting = [(row["ticket"], row["size"]) for row in held if row["ticket"] is not None]
        return shown["version"] == held[0]["version"] and waiting == [
            (party["ticket"], party["size"]) for party in shown["queue"]
        ]

    wait_until(same, timeout_s=CONVERGES_WITHIN_S, what="the snapshot to show what Postgres holds")
