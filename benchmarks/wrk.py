"""Load by wrk: as many requests as the connections get answered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.bench import Bench
from benchmarks.processes import output_of

LUA = Path(__file__).resolve().parent / "lua"
# Of a load of GETs.
CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a run. `statuses` and `samples` only of scripts that count them."""

    seconds: float
    requests: int
    bytes: int
    statuses: Mapping[int, int]
    samples: Sequence[str]


def load(
    bench: Bench,
    url: str,
    *,
    connections: int,
    script: str,
    arguments: Sequence[Any] = (),
    headers: Sequence[str] = (),
    seconds: float | None = None,
) -> Load:
    """Runs wrk with one thread, as long as a run of the benchmark unless told. AssertionError when a connection failed, or an
    answer was an error (4xx, 5xx)."""
    seconds = seconds or bench.seconds
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    command += ["-s", str(LUA / f"{script}.lua"), *(word for header in headers for word in ("-H", header))]
    said = output_of([*command, url, "--", *map(str, arguments)], core=bench.load_core, within_s=seconds + 60)
    lines = said.splitlines()
    report = json.loads(next(line[7:] for line in lines if line.startswith("REPORT ")))
    assert not report["errors"] and not report["refused"], f"{url}: {report}"
    assert report["requests"], f"{url} answered nothing"
    return Load(
        seconds=report["us"] / 1e6,
        requests=report["requests"],
        bytes=report["bytes"],
        statuses={int(status): n for status, n in report["statuses"].items()},
        samples=[line[7:] for line in lines if line.startswith("SAMPLE ")],
    )


class Answers:
    """Load by GET with these headers. Every answer must have this status, and one length."""

    def __init__(self, bench: Bench, url: str, *, status: int, headers: Mapping[str, str]) -> None:
        self._bench, self._url, self._headers = bench, url, headers
        counted = self._run("statuses", seconds=1)
        assert set(counted.statuses) == {status}, f"{url}: {counted.statuses}"
        self._length = counted.bytes / counted.requests

    def per_s(self) -> float:
        """Answers per second. wrk looks into no answer here, which would slow it down: their length tells them."""
        found = self._run("report")
        length = found.bytes / found.requests
        assert abs(length - self._length) < 1, f"{self._url}: answers of {length} bytes; expected {self._length}"
        return found.requests / found.seconds

    def _run(self, script: str, seconds: float | None = None) -> Load:
        headers = [f"{name}: {value}" for name, value in self._headers.items()]
        return load(self._bench, self._url, connections=CONNECTIONS, script=script, headers=headers, seconds=seconds)


class NotModified(Answers):
    """Load by GET with the ETag the server gave a moment ago, and these `headers`. Every answer must be a 304."""

    def __init__(self, bench: Bench, url: str, headers: Mapping[str, str] | None = None) -> None:
        sent = dict(headers or {})
        shown = httpx.get(url, headers=sent)
        assert shown.status_code == 200, (url, shown.status_code)
        self.body = shown.json()
        sent["If-None-Match"] = shown.headers["etag"]
        again = httpx.get(url, headers=sent)
        assert (again.status_code, again.content) == (304, b""), (url, again.status_code)
        super().__init__(bench, url, status=304, headers=sent)
