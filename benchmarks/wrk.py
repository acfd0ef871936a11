"""Load by wrk: as many requests as the connections get answered."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.processes import pinned

LUA = Path(__file__).resolve().parent / "lua"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a run. `statuses` and `samples` only of scripts that count them."""

    seconds: float
    requests: int
    bytes: int
    p99_ms: float
    statuses: Mapping[int, int]
    samples: Sequence[str]

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds


def load(
    url: str,
    *,
    connections: int,
    seconds: float,
    core: int | None,
    script: str = "report",
    arguments: Sequence[Any] = (),
    headers: Mapping[str, str] | None = None,
) -> Load:
    """Runs wrk with one thread. AssertionError when a connection failed, or an answer was an error (4xx, 5xx)."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    command += ["-s", str(LUA / f"{script}.lua")]
    command += [word for name, value in (headers or {}).items() for word in ("-H", f"{name}: {value}")]
    command += [url, "--", *map(str, arguments)]
    done = subprocess.run(pinned(command, core), capture_output=True, text=True, timeout=seconds + 60, check=False)
    lines = done.stdout.splitlines()
    report = next((line[7:] for line in lines if line.startswith("REPORT ")), None)
    assert report is not None, f"wrk: {done.stdout[-1000:]} {done.stderr[-1000:]}"
    said = json.loads(report)
    assert not said["errors"] and not said["refused"], f"{url}: {said}"
    assert said["requests"], f"{url} answered nothing"
    return Load(
        seconds=said["us"] / 1e6,
        requests=said["requests"],
        bytes=said["bytes"],
        p99_ms=said["p99_us"] / 1e3,
        statuses={int(status): n for status, n in said["statuses"].items()},
        samples=[line[7:] for line in lines if line.startswith("SAMPLE ")],
    )


class NotModified:
    """Load by GET with the ETag the server gave a moment ago. Every answer must be a 304."""

    def __init__(self, url: str, *, connections: int = 64, core: int | None, **headers: str) -> None:
        self._url, self._connections, self._core = url, connections, core
        shown = httpx.get(url, headers=headers)
        assert shown.status_code == 200, (url, shown.status_code)
        self.body = shown.json()
        self._headers = {**headers, "If-None-Match": shown.headers["etag"]}
        again = httpx.get(url, headers=self._headers)
        assert (again.status_code, again.content) == (304, b""), (url, again.status_code)
        counted = self._run(1, "statuses")
        assert set(counted.statuses) == {304}, f"{self._url}: {counted.statuses}"
        self._length = counted.bytes / counted.requests

    def per_s(self, seconds: float) -> float:
        """Answers per second. wrk looks into no answer here, which would slow it down: their length tells a 304."""
        found = self._run(seconds, "report")
        length = found.bytes / found.requests
        assert abs(length - self._length) < 1, f"{self._url}: answers of {length} bytes; a 304 has {self._length}"
        return found.per_s

    def _run(self, seconds: float, script: str) -> Load:
        return load(
            self._url, connections=self._connections, seconds=seconds, core=self._core, script=script,
            headers=self._headers,
        )  # fmt: skip
