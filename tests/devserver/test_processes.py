"""The supervisor: a helper that keeps ending never ends the site; a site that cannot start at all says so and ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import environment as env
from devserver import processes
from devserver.processes import Processes
from tests.installation import free_port, wait_until

pytestmark = pytest.mark.program

# Runs commands given as name=command, with small pauses, and says "working" to the first; ends as devserver.run does.
PROGRAM = """
import os, signal, sys
from devserver import processes
processes.FIRST_PAUSE_S, processes.LONGEST_PAUSE_S = 0.05, 0.4
def interrupt(*_): raise KeyboardInterrupt
signal.signal(signal.SIGTERM, interrupt)
commands = dict(word.split("=", 1) for word in sys.argv[2:])
running = processes.Processes(commands, dict(os.environ), vital="web", say=lambda line: print(line, flush=True))
if sys.argv[1] == "works":
    running.works()
try:
    sys.exit(running.run())
except KeyboardInterrupt:
    sys.exit(0)
"""


def started(mode: str, **commands: str) -> "subprocess.Popen[str]":
    words = [f"{name}={command}" for name, command in commands.items()]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, mode, *words], cwd=env.BASE_DIR, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_helper_that_keeps_ending_is_started_again_for_ever_and_the_site_runs_on(tmp_path: Path) -> None:
    web, tries, fixed = tmp_path / "web", tmp_path / "tries", tmp_path / "fixed"
    running = started(
        "works",
        web=f"echo $$ >>{web}; exec sleep 600",
        worker=f"echo x >>{tries}; test -e {fixed} && exec sleep 600; exit 3",
        gone="exec /no/such/program",
    )
    wait_until(lambda: len(lines(tries)) > 6, what="more failures than any limit there was")
    fixed.touch()
    before = len(lines(tries))
    wait_until(lambda: len(lines(tries)) > before, what="the helper to be tried again")
    after = len(lines(tries))
    assert running.poll() is None
    [pid] = lines(web)
    os.kill(int(pid), signal.SIGKILL)  # the web itself, once it has worked
    wait_until(lambda: len(lines(web)) == 2, what="the web to be started again")
    running.terminate()
    _, printed = running.communicate(timeout=20)
    assert running.returncode == 0
    assert len(lines(tries)) == after, "a helper that works was started again"
    assert "worker ended (code 3); it is started again, all else runs on" in printed
    assert "web ended (signal 9); it is started again, all else runs on" in printed


def test_a_site_that_cannot_start_at_all_ends_with_one_sentence(tmp_path: Path) -> None:
    tries, helper = tmp_path / "tries", tmp_path / "helper"
    running = started("cannot", web=f"echo x >>{tries}; exit 1", worker=f"echo $$ >{helper}; exec sleep 600")
    _, printed = running.communicate(timeout=20)
    assert running.returncode == 1
    assert len(lines(tries)) == processes.MOST_FAILED_STARTS
    assert printed.splitlines()[-1] == (
        "web cannot start here: it ended 4 times (code 1), as it says above. Everything stops."
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(lines(helper)[0]), 0)


def test_pauses_grow_while_a_process_keeps_ending_and_only_then(capsys: pytest.CaptureFixture[str]) -> None:
    running = Processes({"web": "true", "worker": "true"}, {}, vital="web", say=print)
    pauses = []
    for _ in range(9):
        running._started["worker"] = time.monotonic()
        running._after("worker", "code 1", str)
        pauses.append(round(running._due["worker"] - time.monotonic(), 1))
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    running._started["worker"] = time.monotonic() - processes.STEADY_S - 1
    running._after("worker", "code 1", str)
    assert round(running._due["worker"] - time.monotonic(), 1) == 0.5
    assert "worker ended (code 1); it is started again in 30 s, all else runs on" in capsys.readouterr().err


def test_a_process_that_cannot_even_be_made_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(processes, "spawn", no_memory)
    running = Processes({"web": "true"}, {}, vital="web", say=print)
    running._start("web")
    name, code = running._ended.get(timeout=5)
    assert running._after(name, code, str) == ""
    assert name in running._due


def test_make_run_on_a_port_that_is_taken_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "devserver.run"], cwd=env.BASE_DIR, capture_output=True, text=True, check=False,
            env={**os.environ, "DATA_DIR": str(tmp_path), "HOST": "127.0.0.1", "PORT": str(port)},
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip() == f"Cannot listen on 127.0.0.1 port {port}: Address already in use. Set HOST or PORT."
