"""F14: today's program starts on the data directory of each older release: what its own code wrote, with its own packages."""

import io
import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from core import environment as env
from tests.faults.installation import report
from tests.installation import free_port, wait_until
from tests.upgrades import record

# Releases have no tags before 1.1: these commits stand for them (decision 0073).
RELEASES = {
    "the first": "cf443d4b",
    "the second": "14d07cbe",
    "the third, before its migrations were joined": "7b9921f5",
    "the third": "bd5046da",
    "before ballots on nodes": "ba6b88e2",
}
UV = str(Path(sys.executable).with_name("uv"))


def plain(data: Path) -> dict[str, str]:
    """The environment of an installation by `make run`."""
    left_out = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DATA_DIR", *env.SHARED_SECRETS}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"DATA_DIR": str(data), "DEMO": "off", "PORT": str(free_port())}


def run(command: list[str], **options: object) -> "subprocess.CompletedProcess[str]":
    """Runs a command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    ended: subprocess.CompletedProcess[str] = done
    return ended


def checked_out(commit: str, folder: Path) -> Path:
    """The release's source, with the packages that it names."""
    source = folder / "source"
    packed = subprocess.run(["git", "archive", commit], cwd=env.BASE_DIR, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(source, filter="data")
    run([UV, "venv", "--quiet", "--python", sys.executable, str(source / ".venv")])
    install = [UV, "pip", "install", "--quiet", "--python", str(source / ".venv/bin/python")]
    run([*install, "--require-hashes", "-r", "requirements.txt"], cwd=source)
    run([*install, "httpx"])  # of the clients
    return source


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", RELEASES)
def test_todays_program_takes_over_the_data_directory_of_a_release(name: str, folder: Path) -> None:
    if subprocess.run(
        ["git", "cat-file", "-e", RELEASES[name]], cwd=env.BASE_DIR, capture_output=True, check=False
    ).returncode:
        pytest.skip(f"this clone does not have the commit {RELEASES[name]}")
    source, data = checked_out(RELEASES[name], folder), folder / "data"
    python = str(source / ".venv/bin/python")
    embedded = next(each for each in ("config", "devserver") if (source / each / "embedded").exists())
    used = run(
        [python, "-m", f"{embedded}.embedded", "--data-dir", str(data), "--", python, record.__file__],
        cwd=source, env=plain(data),
    )  # fmt: skip
    said = [row for row in used.stdout.splitlines() if not row.startswith("open-line")]  # that one has a token
    report(f"{name}: {' '.join(said)}")

    environment = plain(data)
    with subprocess.Popen(
        [sys.executable, "-m", "devserver.run"], cwd=env.BASE_DIR, env=environment, stdout=subprocess.DEVNULL
    ) as program:
        try:
            wait_until(lambda: answers(environment["PORT"]), timeout_s=120, what="the program to be ready")
            code, token = used.stdout.partition("open-line ")[2].split()[:2]
            goes_on(f"http://127.0.0.1:{environment['PORT']}/api/queue/{code}", token)
        finally:
            program.send_signal(signal.SIGINT)
    assert program.returncode == 0
    proved = run(
        [sys.executable, "-m", "devserver.embedded", "--", sys.executable, "manage.py", "reconcile"],
        cwd=env.BASE_DIR, env=environment,
    )  # fmt: skip
    assert proved.stdout.endswith("looked at, no differences.\n") and not proved.stdout.startswith("0 "), proved.stdout


def goes_on(line: str, token: str) -> None:
    """The host of the line that the release left open goes on with its parties, and guests join behind them."""
    with httpx.Client(timeout=20, headers={"x-host-auth": token}) as host:

        def waiting() -> list[dict[str, Any]]:
            parties: list[dict[str, Any]] = host.get(f"{line}/snapshot").json()["queue"]
            return parties

        def act(action: str, body: Any) -> Any:
            answer = host.post(f"{line}/{action}", json=body)
            assert answer.status_code == 200, f"{action}: {answer.text}"
            return answer.json()

        left = waiting()
        assert len(left) > 1, "the release left nobody in line"
        joined = httpx.post(f"{line}/join", json={"name": "Came after", "size": 2}, timeout=20)
        assert joined.status_code == 200, joined.text
        assert [party["id"] for party in waiting()] == [*(party["id"] for party in left), joined.json()["partyId"]]
        act("advance", {})
        act("kick", {"partyId": left[1]["id"]})
        assert left[1]["id"] not in {party["id"] for party in waiting()}
        act("undo", {})
        assert left[1]["id"] in {party["id"] for party in waiting()}


def answers(port: str) -> bool:
    """Whether the program is ready."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
