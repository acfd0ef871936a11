"""`manage.py demo`: its models on plain values, and a short evening and a short day in the running program."""

import json
import random
from collections import Counter
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command

from devserver.demo import arrivals, day
from devserver.demo.client import Tally
from devserver.demo.plan import ENDS, Plan
from devserver.management.commands.demo import CALL_WINDOW_S
from tests.installation import Stack


def consistent(plan: Plan, limit: int) -> None:
    """No party acts before it joined or after its end; never are more parties seated than there are tables."""
    state: dict[int, str] = {}
    called = 0
    for action in plan.actions:
        before = state.get(action.party)
        allowed: dict[str, set[str | None]] = {
            "join": {None},
            "nearby": {"join", "nearby"},
            "leave": {"join", "nearby"},
            "call": {"join", "nearby"},
            "serve": {"call"},
            "no_show": {"call"},
            "free": {"serve"},
        }
        assert before in allowed[action.kind], f"{action.kind} after {before}"
        state[action.party] = action.kind
        called += {"call": 1, "serve": -1, "no_show": -1}.get(action.kind, 0)
        assert called <= limit
    assert sorted(state) == list(range(len(plan.guests)))


@pytest.mark.parametrize("seed", range(20))
def test_an_evening_is_about_four_hours_of_all_kinds(seed: int) -> None:
    plan = arrivals.evening(seed)
    consistent(plan, sum(map(len, arrivals.TABLES.values())))
    assert 3 * 3600 < plan.length_s < 4.6 * 3600
    ends = Counter(plan.ends().values())
    assert ends["served"] > 90 and ends["left"] > 0 and ends["no_show"] > 0
    assert len({guest.name for guest in plan.guests}) == arrivals.PARTIES
    assert {guest.size for guest in plan.guests} <= set(range(1, 9))
    assert arrivals.evening(seed) == plan != arrivals.evening(seed + 1)


def test_dinner_is_the_peak() -> None:
    hours = Counter(
        int(at_s // 3600) for seed in range(10) for at_s in arrivals.arrival_times(random.Random(seed), 120)
    )
    assert hours[1] > hours[0] > hours[3]


def test_a_day_is_first_come_first_served() -> None:
    # One server: the second waits for the first until 130, the third for the second until 230.
    plan = day.day([100, 110, 115], [30, 100, 5], servers=1)
    assert plan.waits_s() == [0, 20, 115]
    assert plan.median_wait_s() == 20
    assert (day.longest_line(plan), plan.length_s) == (2, 230)
    # A second server takes the second guest at once, and the first the third.
    assert day.day([100, 110, 115], [30, 100, 5], servers=2).waits_s() == [0, 0, 15]
    consistent(plan, 1)


def test_servers_are_as_few_as_keep_the_line_stable() -> None:
    assert day.servers_needed([0, 100, 1000], [100, 100, 100]) == 1
    assert day.servers_needed([0, 100, 1000], [500, 500, 499]) == 2
    assert day.servers_needed([0, 100, 1000], [500, 500, 501]) == 3


def test_service_times_are_the_recorded_ones_then_drawn_from_them() -> None:
    drawn = day.service_times([1, 2, 3], 200, seed=4)
    assert drawn[:3] == [1, 2, 3] and set(drawn) == {1, 2, 3} and len(drawn) == 200
    assert drawn == day.service_times([1, 2, 3], 200, seed=4) != day.service_times([1, 2, 3], 200, seed=5)
    assert day.service_times([1, 2, 3], 2, seed=4) == [1, 2]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read"), ("other\n1\n", "no column arrival_s"), ("arrival_s\nx\n", "could not convert"),
     ("arrival_s\n", "must hold numbers"), ("arrival_s\n-1\n", "must hold numbers"), ("arrival_s\ninf\n", "must hold")],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_said_so(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "day.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match=words):
        day.read_column(path, "arrival_s")


@pytest.mark.parametrize("seed", range(5))
def test_no_call_of_a_replay_ends_by_the_clock(seed: int) -> None:
    called: dict[int, float] = {}
    for action in arrivals.evening(seed).actions:
        if action.kind == "call":
            called[action.party] = action.at_s
        elif action.kind in ENDS and action.party in called:
            assert action.at_s - called[action.party] < CALL_WINDOW_S / 2, "also where it is played as fast as real"


def test_what_goes_wrong_is_counted() -> None:
    tally = Tally()
    tally.wrong("a", status=503)
    tally.wrong("b", status=404, lost=True)
    assert (tally.errors, tally.server_errors, tally.lost, tally.problems) == (2, 1, 1, ["a", "b"])


# ------------------------------------------------------------------------------------------------------ the program runs
def test_setting_up_twice_gives_the_same_sign_in_and_it_works(stack: Stack) -> None:
    first, second = (stack.manage("demo", "--setup-only").stdout for _ in range(2))
    assert first == second
    for role in ("owner", "host"):
        assert f"{role}@trattoria.example" in first
    kept = json.loads((stack.folder / "demo.json").read_text())
    assert kept["owner_password"] in first and kept["host_password"] in first
    assert (stack.folder / "demo.json").stat().st_mode & 0o077 == 0
    # The key is lost, the venue is not: a new key is made, the people keep their passwords.
    (stack.folder / "demo.json").write_text(json.dumps({**kept, "api_key": "tl_gone"}))
    assert stack.manage("demo", "--setup-only").stdout == first
    venues = stack.sql("SELECT count(*) AS n FROM venues_venue WHERE name = 'Trattoria Demo'")
    assert venues[0]["n"] == 1
    staff = stack.sql("SELECT email FROM venues_user WHERE is_superuser AND email LIKE '%%@trattoria.example'")
    assert [row["email"] for row in staff] == ["owner@trattoria.example"]


def test_an_evening_is_played_through_the_program(stack: Stack) -> None:
    plan = arrivals.evening(3, parties=25)
    done = stack.manage("demo", "--url", stack.url(), "--speed", "3000", "--seed", "3", "--parties", "25", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ends = Counter(plan.ends().values())
    assert f"25 joined, {ends['served']} served, {ends['no_show']} no-shows, {ends['left']} left" in done.stdout
    (line,) = stack.sql(
        "SELECT * FROM queues_queue WHERE event_name = 'An evening, replayed' ORDER BY opened_at DESC LIMIT 1"
    )
    seated = "SELECT freed_at FROM queues_party WHERE queue_id = %s AND seated_at IS NOT NULL"
    freed = [row["freed_at"] for row in stack.sql(seated, line["id"])]
    assert len(freed) == ends["served"] and None not in freed, "each had a table, and gave it back"
    assert line["time_scale"] == 3000 and line["closed_at"] is not None
    assert line["call_window_s"] == 600  # "+10 min" on the console
    states = stack.sql("SELECT status, count(*) AS n FROM queues_party WHERE queue_id = %s GROUP BY 1", line["id"])
    assert {row["status"]: row["n"] for row in states} == ends
    (tonight,) = stack.sql(
        "SELECT code, call_window_s FROM queues_queue WHERE event_name = 'Tonight' ORDER BY opened_at DESC LIMIT 1"
    )
    assert tonight["call_window_s"] == 1800
    shown = httpx.get(f"{stack.url()}/api/queue/{tonight['code']}/snapshot").json()
    assert (len(shown["queue"]), len(shown["called"]), shown["closed"]) == (12, 2, False)
    asked = stack.sql(
        "SELECT p.id, p.code, (SELECT sum(ballots) FROM polls_seal s WHERE s.poll_id = p.id)::int AS ballots FROM polls_poll p"
        " WHERE p.venue_id = %s ORDER BY p.created_at DESC LIMIT 2", line["venue_id"]
    )  # fmt: skip
    assert [poll["ballots"] for poll in asked] == [10, 43]
    assert f"/vote/{asked[1]['code']}" in done.stdout
    assert "no differences" in stack.manage("reconcile", "--line", line["code"]).stdout


def test_a_day_is_replayed_with_people_watching(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "arrivals.csv").write_text("arrival_s\n" + "\n".join(str(number * 30) for number in range(40)))
    (tmp_path / "service.csv").write_text("service_s\n25\n35\n20\n")
    done = stack.manage(
        "demo", "--url", stack.url(), "--speed", "200", "--arrivals", str(tmp_path / "arrivals.csv"), "--service",
        str(tmp_path / "service.csv"), "--pollers", "5", "--sockets", "6", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 joined, 40 served" in done.stdout
    assert "0 errors, 0 of them 5xx, 0 lost parties" in done.stdout
    (line,) = stack.sql(
        "SELECT code FROM queues_queue WHERE event_name = 'A recorded day' ORDER BY opened_at DESC LIMIT 1"
    )
    assert "no differences" in stack.manage("reconcile", "--line", line["code"]).stdout


def test_a_program_that_does_not_answer_ends_with_1(stack: Stack) -> None:
    done = stack.manage("demo", "--url", "http://127.0.0.1:9", check=False)
    assert done.returncode == 1 and "No line could be opened at http://127.0.0.1:9" in done.stderr


@pytest.mark.parametrize(
    "wrong", [["--speed", "0"], ["--arrivals", "x"], ["--parties", "0"], ["--arrivals", "x", "--service", "y"]]
)
def test_what_cannot_be_played_is_refused(wrong: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("demo", *wrong)
