"""S14: waits told in simulated rooms and on a real day, beside those that simpler rules would tell."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from random import Random
from statistics import mean

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.waits.evenings import Evening, Party
from benchmarks.waits.measured import Compared, figures, file_of_data
from benchmarks.waits.rooms import MEASURED, Room, real_room
from benchmarks.waits.scores import Score
from benchmarks.waits.tellers import LastThirty, Ours, SizeAndHour, Teller, ThreeMinutes, Wait

# Evenings until a venue's past is known, and those that count.
WARM, SCORED = 28, 14
ARRIVALS, SERVICES = "tylers_grill_arrivals.csv", "tylers_grill_service.csv"
# Every eighth customer of the real day comes as a party: eight days without a customer in common. The last two are scored.
APART, SCORED_DAYS = 8, 2
REAL_OPENS = 7 * 60 + 30
# The largest share of a reference's error that ours may be, in the order of the references (quality.md); model 1 has no goal.
GOALS = (0.5, 0.85, 0.85, None)
WINKLER = 0.7

Day = Callable[[Random, int], Evening]


def s14(bench: Bench) -> Iterator[Figure]:
    """A run is a seed: four rooms, six weeks each. The model's constants were chosen on other rooms, seeds and distributions
    (waits/rooms.py: TUNING)."""
    seeds = range(1, bench.options.repeats + 1)
    runs = []
    for seed in seeds:
        of_rooms = [scored(simulated(room), tellers(), name=f"{room.name} {seed}") for room in _rooms(bench)]
        runs.append([sum(each, Score()) for each in zip(*of_rooms, strict=True)])
        bench.say(f"seed {seed}: {runs[-1][0]}")
        for room, scores in zip(_rooms(bench), of_rooms, strict=True):
            bench.say(f"  {room.name}: {'; '.join(map(str, scores))}")
    rooms = ", ".join(room.name for room in _rooms(bench))
    note = (
        f"seeds {seeds[0]}-{seeds[-1]}; {rooms}; after {WARM} evenings {SCORED} are scored, "
        f"{runs[0][0].told:,} waits with the first seed"
    )
    yield from _figures("simulated rooms", runs, note)
    arrivals, services = file_of_data(ARRIVALS), file_of_data(SERVICES)
    if arrivals is None or services is None:
        bench.say(f"S14's real day is left out: {ARRIVALS} is not there (docs/performance.md, How)")
        return
    day = real_day(_numbers(arrivals), _numbers(services))
    runs = [scored(day, tellers(REAL_OPENS), name=f"real {seed}") for seed in seeds]
    note = (
        f"seeds {seeds[0]}-{seeds[-1]} for sizes and stays; {SCORED} days of {SCORED_DAYS} eighths of the day's customers are "
        f"scored, {runs[0][0].told:,} waits with the first seed, after {WARM} days of the others"
    )
    yield from _figures("a real day's arrivals", runs, note)


def _rooms(bench: Bench) -> Sequence[Room]:
    return MEASURED[:1] if bench.options.quick else MEASURED


def _figures(where: str, runs: Sequence[Sequence[Score]], note: str) -> Iterator[Figure]:
    """Of a venue that does not keep its tables, of one that does, and of the two beside each other."""
    unknown, known, *others = zip(*runs, strict=True)
    names = [teller.name for teller in tellers()[2:]]
    compared = [Compared(name, scores, goal) for name, scores, goal in zip(names, others, GOALS, strict=True)]
    yield from figures("S14", where, unknown, compared, winkler=WINKLER, notes=[note])
    where = f"{where}, tables kept"
    yield from figures("S14", where, known, compared, winkler=WINKLER, notes=[])
    for what, of in (
        ("mean error of told waits", attrgetter("error")),
        ("Winkler score at 80 %", attrgetter("winkler")),
    ):
        yield Figure(
            number="S14",
            what=f"{where}: {what}",
            reference="the same, tables not kept",
            unit="min",
            goal=Goal(most=1.0),
            ours=[of(each) for each in known],
            theirs=[of(each) for each in unknown],
        )


def tellers(opens_at: int = 17 * 60) -> list[Teller]:
    """Ours, at a venue that does not keep its tables and at one that does; then the references. Each is new."""
    ours = [Ours(opens_at=opens_at, tables=known) for known in (False, True)]
    return [*ours, ThreeMinutes(), LastThirty(), SizeAndHour(), Ours(1, opens_at=opens_at)]


def simulated(room: Room) -> Day:
    """Days of this room."""
    return lambda random, day: Evening(room, random, day=day)


def real_day(arrivals: Sequence[float], services: Sequence[float]) -> Day:
    """Days of an eighth of the real customers each, at their real times; they stay as long as parties at tables, in the
    proportions of the real service times. All in seconds."""
    room = real_room([each / mean(services) for each in services])

    def day_of(random: Random, day: int) -> Evening:
        first = APART - SCORED_DAYS
        offset = first + day % SCORED_DAYS if day >= WARM else day % first
        return Evening(room, random, day=day, arrivals=[each / 60 for each in arrivals[offset::APART]])

    return day_of


def scored(day_of: Day, told_by: Sequence[Teller], *, name: str, warm: int = WARM, days: int = SCORED) -> list[Score]:
    """The score of each on the same `days`, after `warm` others. `name` is the seed."""
    random = Random(name)
    scores = [Score() for _ in told_by]
    for day in range(warm + days):
        play(day_of(random, day), told_by, day=day, scores=scores if day >= warm else None)
    return scores


def play(evening: Evening, told_by: Sequence[Teller], *, day: int, scores: Sequence[Score] | None) -> None:
    """Plays the evening to each; scores what they told to parties that were called."""
    for number, teller in enumerate(told_by):
        teller.opens(day)
        told: dict[Party, Wait] = {}
        waiting: list[Party] = []
        for happening in evening.happenings:
            at, party = happening.at, happening.party
            teller.sees(happening.tables)
            if happening.what == "join":
                told[party] = teller.joins(at, party, list(waiting))
                waiting.append(party)
                continue
            waiting.remove(party)
            if happening.what == "leave":
                teller.leaves(at, party)
                continue
            teller.calls(at, party)
            if scores is not None:
                scores[number].add(*told[party], at - party.joined)
        teller.closes(evening.turned)


def _numbers(path: Path) -> list[float]:
    """Of a file with a column of numbers under its name."""
    return [float(line) for line in path.read_text().split()[1:]]
