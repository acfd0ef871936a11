"""`make cluster`: a large installation on this machine passes the contract tests of the older APIs, then loses each of its
processes in turn under a bounded load. Prints what was killed and what was lost; exit code 1 when anything was.

`--only contracts` or `--only kills`; `--write-docs` puts the table into docs/performance.md.
"""

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()  # before the tests' modules, which import ours

from tests.cluster.deployment import Deployment, Part  # noqa: E402
from tests.cluster.load import Load  # noqa: E402
from tests.faults.installation import LEFT, PENDING, WRONG_FACTS  # noqa: E402
from tests.faults.told import Told  # noqa: E402
from tests.installation import ROOT, wait_until  # noqa: E402

# How long a process is away before it is started again, as by a supervisor that waits; long enough for a Redis replica to
# take over. Then the load goes on for so many acknowledgements.
AWAY_S = 6.0
GOES_ON = 60
BEGIN, END = "<!-- cluster: begin (make cluster ARGS=--write-docs) -->", "<!-- cluster: end -->"
HEAD = (
    "| killed | acknowledged while it was away | sent again | longest wait | lost | twice | told by webhook | by text |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |"
)


def contracts(deployment: Deployment, folder: Path) -> int:
    """Runs tests/contracts through nginx, and against a host what nginx answers itself; an exit code."""
    # One process: some tests count all lines before and after.
    command, code = [sys.executable, "-m", "pytest", "tests/contracts", "-q", "-n", "0"], 0
    for web, behind in (("nginx", "on"), ("web", "off")):
        described = folder / f"{web}.json"
        deployment.describe(described, web=web)
        env = {**os.environ, "RUNNING": str(described), "BEHIND_NGINX": behind}
        code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode or code
    return code


def killed(load: Load, part: Part) -> tuple[str, bool]:
    """Kills a part and starts it again: its line of the table, and whether anything was lost."""
    before, again = load.count(), load.joins.sent_again + load.ballots.sent_again
    told, texts = len(load.told.receiver.received), load.told.texts()
    load.joins.slowest_s = load.ballots.slowest_s = 0.0
    part.kill()
    back_at = time.monotonic() + AWAY_S
    wait_until(lambda: time.monotonic() > back_at, what="the time to pass")
    part.start()
    back = load.count()
    wait_until(lambda: load.count() > back + GOES_ON, timeout_s=60, what=f"the load to go on after {part.name}")
    lost, doubled = load.lost_and_doubled()
    slowest = max(load.joins.slowest_s, load.ballots.slowest_s)
    tries = load.joins.sent_again + load.ballots.sent_again - again
    return (
        f"| {part.name} | {load.count() - before} | {tries} | {slowest:.1f} s | {lost} | {doubled} "
        f"| {len(load.told.receiver.received) - told} | {load.told.texts() - texts} |",
        bool(lost or doubled),
    )


def kills(deployment: Deployment, told: Told) -> tuple[str, bool]:
    """The table, and whether anything was lost."""
    load = Load(deployment, told)
    load.start()
    rows, bad = [], False
    try:
        wait_until(lambda: load.count() > GOES_ON, what="the load to begin")
        for part in deployment.parts():
            row, worse = killed(load, part)
            print(row, flush=True)
            rows.append(row)
            bad = bad or worse
    finally:
        load.end()
    stack = deployment.stack
    wait_until(lambda: stack.sql(PENDING)[0]["n"] == 0, timeout_s=60, what=f"all effects: {stack.sql(LEFT)}")
    wrong = stack.sql(WRONG_FACTS)
    for poll in load.polls:
        stack.manage("reconcile", "--poll", poll.code)
    wait_until(told.all_told, timeout_s=120, what="the webhook and the texts")
    again, late = told.again_and_late()
    total = (
        f"{load.count()} joins and ballots acknowledged, all there once; {len(wrong)} events without exactly one fact. "
        f"All {len(told.receiver.received) - again} events of the lines came to the webhook's program, {again} of them "
        f"again and {late} out of order; {told.texts()} texts to the gateway, no text that is called sent is missing there."
    )
    return "\n".join([HEAD, *rows, "", total, ""]), bad or bool(wrong or late)


def write_docs(table: str) -> None:
    """Puts the table between its marks in docs/performance.md."""
    page = ROOT / "docs/performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{table}{END}{rest.partition(END)[2]}")


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("--only", choices=["contracts", "kills"])
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args(arguments)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    failed = False
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        folder = Path(directory).resolve()
        told = Told()
        deployment = Deployment(folder, **told.hosts)
        try:
            print(f"It runs at {deployment.nginx.url}", flush=True)
            if options.only != "kills":
                failed = contracts(deployment, folder) != 0
            if options.only != "contracts":
                table, lost = kills(deployment, told)
                print(f"\n{table}", flush=True)
                failed = failed or lost
                if options.write_docs:
                    write_docs(table)
        finally:
            deployment.stop()
            told.close()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
