"""What one party costs from joining to its seat: CPU of each process and bytes on disk. Part of `make costs`."""

import time
from typing import Any

from benchmarks.installation import Installation
from benchmarks.lines import roomy
from tests.installation import wait_until

PARTIES = 400
# Until caches are filled and tables have their first pages.
WARM = 40
IDLE_S = 10.0


def of_a_party(site: Installation) -> dict[str, Any]:
    """Of web, worker, timers, Postgres and Redis: `idle_s` of CPU a second while nothing happens, `cpu_s` of a party beyond that;
    `disk_bytes` it leaves, indexes included, by table. A party joins, is called and seated: two requests and their effects. Push
    messages (S10) and polling (S15) are measured elsewhere."""
    _seat(site, WARM)
    began, before = time.monotonic(), _spent(site)
    time.sleep(IDLE_S)
    idle = _shares(before, _spent(site), time.monotonic() - began)
    began, before, held = time.monotonic(), _spent(site), _bytes(site)
    _seat(site, PARTIES)
    lasted, after, grown = time.monotonic() - began, _spent(site), _bytes(site)
    return {
        "idle_s": idle,
        "cpu_s": {name: (after[name] - before[name] - idle[name] * lasted) / PARTIES for name in after},
        "disk_bytes": {name: (size - held[name]) / PARTIES for name, size in grown.items() if size > held[name]},
    }


def _seat(site: Installation, parties: int) -> None:
    line = roomy(site)
    served: dict[str, Any] = {}
    for _ in range(parties):
        line.join(size=2)
    for _ in range(parties):
        served = {"servedParty": line.host("advance", served)["nowServing"]["id"]}
    done = "SELECT count(*) AS n FROM outbox_effect WHERE status <> 'done'"
    wait_until(lambda: site.sql(done)[0]["n"] == 0, timeout_s=60, what="the effects")


def _spent(site: Installation) -> dict[str, float]:
    return {name.lower(): spent for name, spent in site.cpu_s().items()}


def _shares(before: dict[str, float], after: dict[str, float], seconds: float) -> dict[str, float]:
    return {name: (after[name] - before[name]) / seconds for name in after}


def _bytes(site: Installation) -> dict[str, int]:
    rows = site.sql("SELECT relname::text AS name, pg_total_relation_size(relid) AS size FROM pg_stat_user_tables")
    return {row["name"]: row["size"] for row in rows}
