"""The simulation of a crowd: no voter is lost, and its answer is right where it can be computed by hand."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import table
from benchmarks.capacity import __main__ as command
from benchmarks.capacity import arrivals, check, tiers
from benchmarks.capacity.cell import Cell, Outcome, Shape
from benchmarks.capacity.measured import Costs, Found, figures
from benchmarks.capacity.tiers import Assumed, Crowd, Layout
from benchmarks.costs import COSTS as MEASURED

MS = 0.001
WAIT_S = 3 * MS
COSTS = Costs(
    handle=0.2 * MS, record_fixed=1 * MS, record_each=0.05 * MS, postgres_fixed=1 * MS, postgres_each=0.05 * MS,
    gate=0.01 * MS, crowded=0.0, waits=((0.0, WAIT_S), (1.0, WAIT_S)), batch=20,
    disk_bytes=340, wal_fixed=600, wal_each=500, root=0.05 * MS,
)  # fmt: skip


def simulated(
    crowd: arrivals.PerSecond, *, costs: Costs = COSTS, step_s: float = MS, seed: int = 1, **shape: int
) -> Outcome:
    outcome = Cell(Shape(**{"processes": 1, "cores": 1, **shape}), costs, seed=seed, step_s=step_s).run(crowd)
    assert outcome.conserved
    return outcome


# ------------------------------------------------------------------------------------------------------------- arrivals
def test_a_burst_has_the_voters_and_the_peak_it_was_asked_for() -> None:
    crowd = arrivals.burst(300_000_000, 250_000)
    assert crowd.sum() == pytest.approx(300_000_000)
    assert np.max(crowd) == pytest.approx(250_000, rel=0.01)
    # It rises fast and falls slowly.
    assert int(np.argmax(crowd)) < len(crowd) / 5


@pytest.mark.parametrize(("voters", "peak"), [(1, 1000.0), (10, 1000.0), (1000, 0.5)])
def test_a_crowd_of_any_size_has_all_its_voters(voters: int, peak: float) -> None:
    assert arrivals.burst(voters, peak).sum() == pytest.approx(voters)
    assert arrivals.constant(voters, peak).sum() == pytest.approx(voters)


def test_a_recorded_day_keeps_its_shape(tmp_path: Path) -> None:
    day = tmp_path / "day.csv"
    day.write_text("arrival_s\n0\n10\n12.5\n1000\n")
    crowd = arrivals.recorded(day, voters=4_000, within_s=100)
    assert len(crowd) == 100
    assert [crowd[0], crowd[1], crowd[99]] == pytest.approx([1_000, 2_000, 1_000])


def test_a_file_without_times_is_refused(tmp_path: Path) -> None:
    day = tmp_path / "day.csv"
    day.write_text("arrival_s\n")
    with pytest.raises(ValueError, match="no arrival times"):
        arrivals.recorded(day, voters=10, within_s=10)


def test_who_has_looked_long_enough_is_gone() -> None:
    looking = arrivals.present(np.array([2.0, 0.0, 1.0]), stay_s=2)
    assert looking.tolist() == [2.0, 2.0, 1.0, 1.0, 0.0]


# ----------------------------------------------------------------------------------------------------------------- cell
def test_a_ballot_that_comes_alone_waits_for_no_other() -> None:
    outcome = simulated(arrivals.constant(200, 2.0), costs=COSTS)
    alone = COSTS.record_fixed + COSTS.record_each + COSTS.postgres_fixed + COSTS.postgres_each + WAIT_S
    assert outcome.batches == outcome.recorded
    assert outcome.percentile_ms(0.5) == pytest.approx(1000 * alone, abs=1.5)


def test_a_crowd_is_taken_as_fast_as_its_process_can() -> None:
    outcome = Cell(Shape(processes=1, cores=8), COSTS, step_s=MS).run(arrivals.constant(80_000, 8_000), most_s=2)
    assert outcome.conserved
    assert outcome.waiting > 5_000
    assert outcome.recorded / 2 == pytest.approx(1 / COSTS.web(outcome.batch), rel=0.05)


def test_a_busy_process_makes_larger_batches() -> None:
    """Its batches take longer, so more ballots arrive during one."""
    crowd = arrivals.constant(20_000, 2_000)
    calm, crowded = (simulated(crowd, costs=replace(COSTS, crowded=wait)) for wait in (0.0, 0.05))
    assert crowded.batch > 2 * calm.batch


def test_batches_grow_with_the_crowd() -> None:
    calm, crowded = (simulated(arrivals.constant(20 * rate, rate)).batch for rate in (50, 2_000))
    assert calm < 1.2
    assert crowded > 5


def test_batches_of_one_slot_commit_one_after_the_other() -> None:
    slow = replace(COSTS, waits=((0.0, 0.1), (1.0, 0.1)))
    one, many = (
        simulated(arrivals.constant(2_000, 400), costs=slow, processes=8, cores=8, slots=slots).percentile_ms(0.5)
        for slots in (1, 1_000)
    )
    assert one > 3 * many


@pytest.mark.thorough
def test_a_full_process_says_503_and_all_voters_are_in_at_last() -> None:
    outcome = simulated(arrivals.constant(20_000, 10_000), most_waiting=500)
    assert outcome.refusals > 0
    assert outcome.most_waiting == 500
    assert (outcome.recorded, outcome.waiting, outcome.gave_up) == (outcome.arrived, 0, 0)
    assert outcome.last_s > 3


def test_who_gives_up_is_counted() -> None:
    outcome = simulated(arrivals.constant(20_000, 10_000), most_waiting=500, tries=1)
    assert outcome.gave_up == outcome.refusals > 0
    assert outcome.recorded == outcome.arrived - outcome.gave_up


def test_a_run_that_is_cut_off_knows_who_still_waits() -> None:
    cell = Cell(Shape(processes=2, cores=1, most_waiting=500), COSTS, step_s=MS)
    outcome = cell.run(arrivals.constant(20_000, 10_000), most_s=2)
    assert outcome.conserved
    assert outcome.waiting > 0


def test_the_same_seed_is_the_same_crowd() -> None:
    first, again, other = (simulated(arrivals.constant(500, 100), seed=seed) for seed in (7, 7, 8))
    assert first.waits == again.waits
    assert first.waits != other.waits


def test_clients_who_wait_for_their_receipts_fill_the_machine() -> None:
    """Benchmark S4's way of asking: a batch is what came while the one before was written."""
    costs = replace(COSTS, crowded=0.05)
    fast, slow = (check.saturated(replace(costs, handle=handle)) for handle in (COSTS.handle, 2 * COSTS.handle))
    assert fast < 1 / costs.web(check.CLIENTS)
    assert slow < 0.8 * fast


# ---------------------------------------------------------------------------------------------------- figures and tiers
def test_figures_are_those_of_the_last_run_and_else_the_pages(tmp_path: Path) -> None:
    page, results = tmp_path / "page.md", tmp_path / "latest.json"
    page.write_text(
        f"| S9 | before | — | 1 /s |\n{table.BEGIN}\n"
        "| S1 | snapshot | bare | 40,873 /s (1-2) | 5 /s | 0.8× | ≥ 0.8× | yes |\n"
        "| S5 | p99 | — | 40.0 ms (27.7-132) | — | — | ≤ 50 ms | yes |\n"
        f"{table.END}\n"
    )
    found = figures(results, page)
    assert found == {
        "S1": [Found(40_873, "/s", "snapshot", "docs/performance.md")],
        "S5": [Found(40, "ms", "p99", "docs/performance.md")],
    }
    run = [
        {"figure": "S1", "what": "snapshot", "unit": "/s", "ours": [3.0, 1.0, 2.0]},
        {"figure": "S5", "failed": "broke"},
    ]
    results.write_text(json.dumps({"figures": run}))
    assert figures(results, page) == {**found, "S1": [Found(2, "/s", "snapshot", "benchmarks/results/latest.json")]}


def test_postgres_is_charged_what_the_whole_way_costs_it() -> None:
    told = json.loads(MEASURED.read_text())
    told["whole_way"]["postgres_s"] = 10 * (told["postgres_s"]["fixed"] + told["postgres_s"]["each"])
    costs = Costs.of(told)
    assert costs.postgres(costs.batch) == pytest.approx(told["whole_way"]["postgres_s"])
    assert costs.web(costs.batch) >= told["whole_way"]["web_s"] * 0.999


def test_machines_stay_below_the_target() -> None:
    assumed = Assumed(target=0.5, cores=8)
    peak = 100_000.0
    where = tiers.layout(peak, COSTS, assumed)
    assert peak / where.cells * COSTS.postgres(COSTS.batch) / assumed.cores <= 0.5
    assert peak / where.cells * COSTS.web(COSTS.batch) / where.processes <= 0.5
    assert peak / (where.cells - 1) * COSTS.postgres(COSTS.batch) / assumed.cores > 0.5


def test_what_was_not_measured_is_said_to_be_so() -> None:
    crowd = Crowd(per_s=arrivals.constant(100, 10), stay_s=10, look_s=10, unchanged=0.0, sockets=0.5)
    outcome = simulated(crowd.per_s)
    rows = {row.tier: row for row in tiers.rows(crowd, Layout(1, 1), outcome, COSTS, {}, Assumed())}
    assert {rows[tier].needs for tier in ("nginx", "sockets")} == {"?"}
    assert all("not measured" in rows[tier].rests_on for tier in ("nginx", "sockets", "CDN, pages", "CDN, results"))


def test_the_answer_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--voters", "3000", "--peak", "300", "--curve", "constant"])
    told = capsys.readouterr().out
    assert "| web processes | 300 ballots/s |" in told
    assert "/ 0 / 0 |" in told
