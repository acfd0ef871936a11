"""What a poll is made of: what its host chooses, whether that makes sense, and what an edit of a draft would change."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from core.change import Fields
from core.errors import Invalid
from core.visible import shown, trimmed
from polls import rules
from polls.models import Poll
from queues.models import Queue

# Fields of a poll that have another name in the API, which is also that of a refusal's field.
API_FIELDS = {
    "minPicks": "min_picks", "maxPicks": "max_picks", "start": "starts_at", "end": "ends_at",
    "mayChange": "may_change", "workBits": "work_bits",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPoll:
    """A poll to make, or what to make of a draft."""

    title: str
    choices: Sequence[str]
    description: str = ""
    min_picks: int = 1
    max_picks: int = 1
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    visibility: str = Poll.Visibility.ALWAYS
    may_change: bool = False
    dedupe: str = Poll.Dedupe.TOKEN
    shards: int = 1
    work_bits: int = 0
    # Choices may be of any length, and two of the same text stay two (contract edge-poll.md).
    any_choices: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any], **more: Any) -> "NewPoll":
        """From checked data, by the names of these fields or the API's; what else `data` holds is ignored."""
        named = {API_FIELDS.get(name, name): value for name, value in data.items()} | more
        return cls(**{field.name: named[field.name] for field in fields(cls) if field.name in named})


def check(new: NewPoll, *, queue: Queue | None) -> None:
    """Raises Invalid, naming the field, for a poll that makes no sense."""
    shown(new.title, "title", required=True)
    if problem := rules.choices_problem(new.choices, any_texts=new.any_choices):
        raise Invalid(f"choices: {problem}", field="choices")
    if not 1 <= new.shards <= rules.MOST_SHARDS:
        raise Invalid(f"shards: must be from 1 to {rules.MOST_SHARDS}.", field="shards")
    if not 0 <= new.work_bits <= rules.MOST_WORK_BITS:
        raise Invalid(f"workBits: must be from 0 to {rules.MOST_WORK_BITS}.", field="workBits")
    if not 1 <= new.min_picks <= new.max_picks <= len(new.choices):
        raise Invalid("maxPicks: must be from minPicks to the number of choices.", field="maxPicks")
    if new.may_change and new.dedupe == Poll.Dedupe.ADDRESS:
        raise Invalid("mayChange: neighbours behind one address would replace each other's votes.", field="mayChange")
    if new.starts_at and new.ends_at and new.ends_at <= new.starts_at:
        raise Invalid("end: must be after start.", field="end")
    if (new.dedupe == Poll.Dedupe.TICKET) != (queue is not None):
        raise Invalid("dedupe: 'ticket' needs a line, and a line needs 'ticket'.", field="dedupe")


def fields_of(new: NewPoll) -> dict[str, Any]:
    """The fields of the poll's row."""
    texts = {"title": trimmed(new.title), "description": shown(new.description, "description")}
    return {name: value for name, value in asdict(new).items() if name not in {"choices", "any_choices"}} | texts


def as_edited(poll: Poll) -> dict[str, Any]:
    """What can be edited of a draft, as it stands."""
    names = [each.name for each in fields(NewPoll) if each.name not in {"choices", "any_choices"}]
    return {name: getattr(poll, name) for name in names} | {
        "choices": list(poll.choices.values_list("text", flat=True))
    }


def edits(poll: Poll, new: NewPoll) -> Fields:
    """What this would change of a draft."""
    before, after = as_edited(poll), fields_of(new) | {"choices": [trimmed(text) for text in new.choices]}
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}
