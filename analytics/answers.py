"""What guests answered after their visits, beside how right their waits were: one definition for pages, files, the API and mails.

*Asked* are seated parties to which the question went out. A mean is over those that answered, 1 (bad) to 5 (very good).
"""

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
ALL = "all"
GROUPS = (ALL, *_GROUPS)


@dataclass(frozen=True, slots=True)
class Row:
    """Parties that were asked, `group` being one of GROUPS: how many, and how many answered 1, 2, 3, 4, 5."""

    group: str
    asked: int
    counts: tuple[int, ...]

    @property
    def label(self) -> str:
        """The group, for pages."""
        return _GROUPS.get(self.group, "All")

    @property
    def answered(self) -> int:
        """How many answered."""
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """Their mean answer, 1 to 5; None when none answered."""
        total = sum(answer * times for answer, times in enumerate(self.counts, start=1))
        return total / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Words:
    """What one guest wrote: the line's code, the ticket, the answer, the words."""

    code: str
    ticket: int
    answer: int
    words: str


@dataclass(frozen=True, slots=True)
class Answers:
    """`rows` as `counted` gives them; `words` newest first."""

    rows: list[Row]
    words: list[Words]


def answers(scope: Scope) -> Answers | None:
    """The answers of a scope; None when no guest was asked."""
    rows = counted(scope)
    return Answers(rows, [Words(*each) for each in ask(_WORDS, scope, most=MOST_WORDS)]) if rows else None


def counted(scope: Scope) -> list[Row]:
    """The first row counts all guests who were asked, each other one a group by how right the quote was. A group without guests
    has no row. When no guest was asked, there is no row."""
    found: dict[str, dict[int | None, int]] = {}
    for group, answer, times in ask(_COUNTS, scope):
        found.setdefault(group, {})[answer] = times
    if not found:
        return []
    total: dict[int | None, int] = {}
    for counts in found.values():
        for answer, times in counts.items():
            total[answer] = total.get(answer, 0) + times
    return [_row(ALL, total), *(_row(group, found[group]) for group in _GROUPS if group in found)]


def _row(group: str, counts: dict[int | None, int]) -> Row:
    return Row(group, sum(counts.values()), tuple(counts.get(answer, 0) for answer in range(1, 6)))
