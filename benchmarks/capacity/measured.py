"""What was measured, and where that is written: the figures of docs/performance.md, and benchmarks/costs.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import table

# A row of the page: number, what, and the middle of the runs with its unit.
_ROW = re.compile(r"^\| (S\d+) \| ([^|]*) \| [^|]* \| ([\d.,]+)(?: ?(/s|ms|KiB|%))?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """One figure: the middle of its runs, in `unit`, and where it stands."""

    value: float
    unit: str
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Costs:
    """What a ballot costs, in seconds of CPU. A batch of n costs `record_fixed + n * record_each` in its web process, which
    does one thing at a time, and `postgres_fixed + n * postgres_each` on one core of Postgres; besides, `handle` for each
    request and `gate` of Redis.

    `crowded`: how much longer a batch takes because its process is busy with requests (its thread waits for the interpreter
    each time Postgres has answered). `waits`: pairs of a share of the commits and the seconds that it waited for the disk at
    most. `batch`: ballots in a batch under load. `disk_bytes`, `wal_...`: bytes of a ballot. `root`: of one ballot when a
    closed poll is sealed.
    """

    handle: float
    record_fixed: float
    record_each: float
    postgres_fixed: float
    postgres_each: float
    gate: float
    crowded: float
    waits: tuple[tuple[float, float], ...]
    batch: float
    disk_bytes: float
    wal_fixed: float
    wal_each: float
    root: float

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Costs":
        """From benchmarks/costs.json. Under the whole load a ballot costs Postgres more than in batches alone (results are
        read, other queries run): both parts are raised by that ratio."""
        record, postgres, wal, way = told["record_s"], told["postgres_s"], told["wal_bytes"], told["whole_way"]
        batch = way["batch"]
        alone = postgres["fixed"] / batch + postgres["each"]
        # The process's own time while a batch is out: the same however much else the machine has to do.
        beside = way["batch_s"] * way["web_s"] * way["ballots_per_s"]
        dearer = max(1.0, way["postgres_s"] / alone)
        return cls(
            handle=max(0.0, way["web_s"] - record["fixed"] / batch - record["each"]),
            record_fixed=record["fixed"],
            record_each=record["each"],
            postgres_fixed=dearer * postgres["fixed"],
            postgres_each=dearer * postgres["each"],
            gate=told["gate_s_per_try"],
            crowded=max(0.0, beside - record["fixed"] - batch * record["each"]),
            waits=tuple((float(share), wait) for share, wait in told["wait_s"].items()),
            batch=batch,
            disk_bytes=told["disk_bytes_per_ballot"],
            wal_fixed=wal["fixed"],
            wal_each=wal["each"],
            root=told["root_s_per_ballot"],
        )

    def web(self, batch: float) -> float:
        """Of one ballot in its web process, in batches of this size."""
        return self.handle + self.record_fixed / batch + self.record_each

    def postgres(self, batch: float) -> float:
        """Of one ballot on Postgres's cores, in batches of this size."""
        return self.postgres_fixed / batch + self.postgres_each

    def wal(self, batch: float) -> float:
        """Bytes written ahead for one ballot."""
        return self.wal_fixed / batch + self.wal_each


def figures(results: Path, page: Path) -> dict[str, list[Found]]:
    """By number: those of the last run of `make bench`, and from the page those that it left out."""
    found: dict[str, list[Found]] = {}
    text = table.between(page)
    for number, what, value, unit in _ROW.findall(text):
        found.setdefault(number, []).append(Found(float(value.replace(",", "")), unit, what, "docs/performance.md"))
    if results.exists():
        run: dict[str, list[Found]] = {}
        for each in json.loads(results.read_text())["figures"]:
            if each.get("ours"):
                middle = sorted(each["ours"])[len(each["ours"]) // 2]
                run.setdefault(each["figure"], []).append(
                    Found(middle, each["unit"], each["what"], "benchmarks/results/latest.json")
                )
        found.update(run)
    return found
