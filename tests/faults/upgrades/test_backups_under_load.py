"""F14: a backup that is taken while guests join and vote is one instant of each database, and another installation goes
on from it."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.faults.installation import Load, Target, report, snapshots_right
from tests.faults.test_postgres import guest, more_than
from tests.faults.told import Told
from tests.installation import wait_until
from tests.migrated import remake

PASSPHRASE = "correct horse battery staple"
CLIENTS, TEXTED = 4, 5
# What `Target.line` has made of the most guests, as the line's log must have it.
ROOM_FOR_ALL = "UPDATE outbox_event SET changes = replace(changes::text, '[null, 97]', '[null, 1000000]')::jsonb"
Installations = Callable[..., AbstractContextManager[Target]]


def voter(target: Target, poll_id: str, acknowledged: list[str]) -> Callable[[Load], None]:
    """Votes, each time as somebody else."""

    def step(load: Load) -> None:
        ballot = str(uuid4())
        with httpx.Client(base_url=target.stack.url(), timeout=20) as client:
            answer = load.ask(client, f"/api/polls/{poll_id}/ballots", {"ballotId": ballot, "choices": [0]})
        assert answer.status_code == 201, answer.text
        acknowledged.append(ballot)

    return step


def ballot_node(name: str) -> str:
    """A second database, for the ballots of an installation."""
    database = f"tallyline_{name}_ballots"
    remake(os.environ["DATABASE_URL"], database, "template1")
    return make_conninfo(os.environ["DATABASE_URL"], dbname=database)


def column(target: Target, query: str) -> list[str]:
    """The first column of the rows, as text."""
    return [str(next(iter(row.values()))) for row in target.rows(query)]


@pytest.mark.timeout(600)
def test_a_backup_under_load_is_one_instant_and_another_machine_goes_on(
    own_target: Installations, told: Told, tmp_path: Path
) -> None:
    path, erased = tmp_path / "tallyline.backup", tmp_path / "erased"
    nodes = {name: ballot_node(name) for name in ("busy", "again")}
    with (
        own_target("busy", BACKUP_PASSPHRASE=PASSPHRASE, BALLOT_DATABASE_URLS=nodes["busy"], **told.hosts) as busy,
        own_target("again", BACKUP_PASSPHRASE=PASSPHRASE, BALLOT_DATABASE_URLS=nodes["again"], **told.hosts) as again,
    ):
        for target in (busy, again):
            target.stack.manage("migrate", "-v0")
        busy.run("web", "worker", "timers")
        told.connect(busy.stack)
        texted = told.open_line()
        for _ in range(TEXTED):
            assert texted.post("join", {"number": told.number()}).status_code == 200
        wait_until(told.all_told, timeout_s=30, what="the webhook and the texts")
        line, poll = busy.line(maxGuests=97), busy.stack.open_poll()
        busy.stack.sql(ROOM_FOR_ALL)
        joined: dict[str, str] = {}
        voted: list[str] = []
        steps = [guest(line, joined) for _ in range(CLIENTS)]
        load = Load([*steps, *(voter(busy, poll["id"], voted) for _ in range(CLIENTS))])
        with load.going():
            more_than(joined, 60)
            more_than(voted, 60)
            before = {*joined.values()}, {*voted}
            report(busy.stack.manage("backup", str(path)).stdout.strip())
            more_than(joined, len(joined) + 60)
        busy.stack.manage("forget", "--line", texted.code, "--ticket", str(TEXTED), "--reason", "asked")
        erased.write_text(busy.stack.manage("forget", "--list").stdout)
        busy.run()

        done = again.stack.manage("restore", str(path))
        assert done.stdout.endswith("3 looked at, no differences.\n"), done.stdout + done.stderr
        assert len(column(again, "SELECT number FROM reach_contact")) == TEXTED
        assert again.stack.manage("forget", "--again", str(erased)).stdout == (
            "1 guests are erased, 0 of the list are not here.\n"
        )
        assert len(column(again, "SELECT number FROM reach_contact")) == TEXTED - 1
        of_line = f"FROM queues_party WHERE queue_id = '{line.session_id}'"
        parties = {*column(again, f"SELECT id {of_line}")}
        assert column(again, "SELECT ballot_id FROM polls_ballot") == []
        with psycopg.connect(nodes["again"]) as node:
            ballots = {str(ballot) for (ballot,) in node.execute("SELECT ballot_id FROM polls_ballot")}
        assert before[0] <= parties < {*joined.values()}
        assert before[1] <= ballots <= {*voted}
        tickets = column(again, f"SELECT ticket {of_line} ORDER BY ticket")
        assert tickets == [str(number) for number in range(1, len(parties) + 1)]
        report(f"{len(parties)} of {len(joined)} parties and {len(ballots)} of {len(voted)} ballots are in the backup")
        texts = told.gateway.asked
        again.run("web", "worker", "timers")
        line.target = again
        snapshots_right([line])
        again.all_done(timeout_s=60)
        again.check_facts()
        assert again.stack.manage("reconcile").stdout.endswith("3 looked at, no differences.\n")
        assert told.gateway.asked == texts, "what was told before the backup is not told again"


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not on PATH (Debian: apt-get install age)")
def test_the_program_age_opens_a_backup(own_target: Installations, tmp_path: Path) -> None:
    """Its passphrase is asked for on a terminal, which `script` gives it."""
    path, opened = tmp_path / "tallyline.backup", tmp_path / "opened.tar"
    with own_target("opened", BACKUP_PASSPHRASE=PASSPHRASE) as target:
        target.stack.manage("backup", str(path), "--with-secrets")
    command = f"age --decrypt --output {opened} {path}"
    subprocess.run(["script", "-qec", command, "/dev/null"], input=f"{PASSPHRASE}\n", text=True, check=True, timeout=60)
    with tarfile.open(opened) as tar:
        assert {"default.pgdump/000000", "files/secret_key", "manifest.json"} <= {*tar.getnames()}
