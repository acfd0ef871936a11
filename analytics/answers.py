"""What guests answered after their visits, beside how right their waits were: one definition for pages and files.

Asked are the seated parties that the question went out to; an average is of those that answered, 1 (bad) to 5 (very good).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.parties import Scope, ask

# The answers of a party of `parties` (analytics/parties.py).
ANSWERS = """
 LEFT JOIN (SELECT id AS guest_id, asked_at, answer, answer_words, ticket FROM queues_party) visit
   ON visit.guest_id = parties.party_id"""
_COUNTS = f"""
SELECT CASE WHEN off < 3 THEN 'earlier' WHEN off > 3 THEN 'later' ELSE 'held' END, answer, count(*)
  FROM parties{ANSWERS}
 WHERE outcome = %(served)s AND visit.asked_at IS NOT NULL GROUP BY 1, 2
"""  # noqa: S608 — contains no input of a request
_WORDS = f"""
SELECT q.code, visit.ticket, visit.answer, visit.answer_words
  FROM parties JOIN queues_queue q ON q.id = parties.queue_id{ANSWERS}
 WHERE outcome = %(served)s AND visit.answer_words <> '' ORDER BY visit.asked_at DESC, party_id LIMIT %(most)s
"""  # noqa: S608 — contains no input of a request
MOST_WORDS = 30
_GROUPS = {"held": "Called as told", "earlier": "Called earlier", "later": "Called later"}


@dataclass(frozen=True, slots=True)
class Row:
    """Parties that were asked: how many, how many answered, the average answer, and how many answered 1, 2, 3, 4, 5."""

    label: str
    asked: int
    answered: int
    average: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What one guest wrote: the line's code, the ticket, the answer, the words."""

    code: str
    ticket: int
    answer: int
    words: str


@dataclass(frozen=True, slots=True)
class Answers:
    """All that were asked first, then by how right the quote was; the newest words first."""

    rows: list[Row]
    words: list[Words]


def answers(scope: Scope) -> Answers | None:
    """The answers of a scope; None when nobody was asked."""
    found: dict[str, dict[int | None, int]] = {}
    for group, answer, times in ask(_COUNTS, scope):
        found.setdefault(group, {})[answer] = times
    if not found:
        return None
    total: dict[int | None, int] = {}
    for counts in found.values():
        for answer, times in counts.items():
            total[answer] = total.get(answer, 0) + times
    rows = [_row("All", total), *(_row(label, found[group]) for group, label in _GROUPS.items() if group in found)]
    return Answers(rows, [Words(*each) for each in ask(_WORDS, scope, most=MOST_WORDS)])


def _row(label: str, counts: dict[int | None, int]) -> Row:
    each = tuple(counts.get(answer, 0) for answer in range(1, 6))
    return Row(label, sum(counts.values()), sum(each), _average(each), each)


def _average(counts: Sequence[int]) -> str:
    """To one decimal; a dash when nobody answered."""
    answered = sum(counts)
    total = sum(answer * times for answer, times in enumerate(counts, start=1))
    return f"{total / answered:.1f}" if answered else "–"  # noqa: RUF001
