"""Words that the tests of polls share: a poll, its voters, and many of them at once."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import connection, connections

from core import clock
from polls import audit, ballots, commands, digest, selectors
from polls.models import Poll
from polls.outcomes import Cast, Outcome
from polls.voters import voter_key

T = TypeVar("T")
HOUR = timedelta(hours=1)


def made(*, open_now: bool = True, choices: Sequence[str] = ("Red", "Green", "Blue"), **fields: Any) -> Poll:
    """A poll, open unless said otherwise."""
    return commands.create(commands.NewPoll(title="Which wine?", choices=choices, **fields), open_now=open_now)


def over(poll: Poll) -> None:
    """Lets its end pass, unswept."""
    Poll.objects.filter(pk=poll.pk).update(ends_at=clock.now() - HOUR)


def ballot(poll: Poll, voter: object, *choices: int, ballot_id: UUID | None = None) -> Cast:
    """A submission by the voter of this name."""
    key = voter_key(poll.pk, "token", str(voter))
    return Cast(poll_id=poll.pk, voter_key=key, ballot_id=ballot_id or uuid4(), choices=choices)


def cast(one: Cast) -> Outcome:
    """A batch of one."""
    return ballots.record([one])[0]


def counts(poll: Poll) -> list[int]:
    """Picks by choice, exact."""
    row = selectors.current_row(poll.pk)
    assert row is not None
    return [choice["count"] for choice in row["choices"]]


def shown(poll: Poll) -> dict[str, Any]:
    """The row of which all views are made."""
    row = selectors.current_row(poll.pk)
    assert row is not None
    return row


def sound(poll: Poll) -> bool:
    """Whether nothing is wrong with its counts; AssertionError says what."""
    problems = audit.problems(Poll.objects.get(pk=poll.pk))
    assert problems == [], problems
    return True


def rows_of(poll: Poll) -> dict[str, int]:
    """How many rows each table holds of it."""
    tables = {"polls_poll": "id"} | dict.fromkeys(
        ("polls_choice", "polls_ballot", "polls_claim", "polls_tally", "polls_seal", "polls_onetimecode"), "poll_id"
    )
    return {
        table: sql(f"SELECT count(*) FROM {table} WHERE {column} = %s", poll.pk)[0][0]  # noqa: S608
        for table, column in tables.items()
    }


def sql(query: str, *parameters: Any) -> list[Any]:
    """Runs SQL directly, past the program."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []


def at_once(jobs: Sequence[Callable[[], T]], *, threads: int = 8) -> list[T]:
    """Runs the jobs in threads, each with its own connection. Returns the results in order."""

    def close() -> None:
        connections.close_all()

    def run(share: Sequence[tuple[int, Callable[[], T]]]) -> list[tuple[int, T]]:
        try:
            return [(index, job()) for index, job in share]
        finally:
            close()

    numbered = list(enumerate(jobs))
    with ThreadPoolExecutor(threads) as pool:
        shares = pool.map(run, [numbered[start::threads] for start in range(threads)])
        results = dict(pair for share in shares for pair in share)
    return [results[index] for index in range(len(jobs))]


def crowd(seed: int, poll: Poll, size: int) -> list[Cast]:
    """Random ballots of `size` voters: some wrong, some sent again, some changed."""
    chance = random.Random(seed)
    sent: list[Cast] = []
    for _ in range(size):
        if sent and chance.random() < 0.2:
            sent.append(chance.choice(sent))
            continue
        picks = chance.sample(range(-1, 5), chance.randint(0, 3)) if chance.random() < 0.3 else [chance.randrange(3)]
        sent.append(ballot(poll, f"voter {chance.randrange(size)}", *picks))
    return sent


def proved(poll: Poll, proof: dict[str, Any], leaf: bytes | None = None) -> bool:
    """What a voter's own program would compute."""
    steps = [(step["side"], bytes.fromhex(step["hash"])) for step in proof["path"]]
    return digest.proves(leaf or bytes.fromhex(proof["leaf"]), steps, bytes.fromhex(poll.root))
