"""A form says what its page showed (`saw`). Commands compare that under their lock, and refuse to overwrite what the
person who sends the form never saw (decisions 0033, 0105)."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from core.change import Fields, plain
from core.errors import Conflict
from core.hashing import keyed
from core.refusals import OVERTAKEN

# The name of the field in forms.
SAW = "saw"
_REST = "rest=none"
_MARK = re.compile(r"([^\s=]+)=([0-9a-f]{16})(?!\S)")


class Overtaken(Conflict):
    """Settings were changed since the page showed them: by whom, as hosts read it, and when, where that is known."""

    def __init__(self, by: str = "", at: datetime | None = None) -> None:
        super().__init__(OVERTAKEN)
        self.by, self.at = by, at


def mark(*values: Any) -> str:
    """A digest of values: 16 hex digits."""
    return hashlib.blake2b(orjson.dumps(values), digest_size=8).hexdigest()


def shown(values: Mapping[str, Any], *, rest: bool = False) -> str:
    """What a page showed, by the names of the fields: a mark of each value. A field that holds a secret may be among them. With
    `rest` the page showed that there was nothing of any other name."""
    return " ".join(
        [*(f"{name}={_mark_of(name, value)}" for name, value in values.items()), *([_REST] if rest else [])]
    )


def overtaken(saw: str, changes: Fields) -> tuple[str, ...]:
    """Which of these fields, about to change, are not as the page showed them. A field that it did not show is none of them."""
    marks, rest = dict(_MARK.findall(saw)), _REST in saw.split()

    def showed(name: str) -> str | None:
        return marks.get(name, _mark_of(name, None) if rest else None)

    return tuple(name for name, (before, _) in changes.items() if showed(name) not in (None, _mark_of(name, before)))


def _mark_of(name: str, value: Any) -> str:
    """By a secret key: the page may not reveal what it does not show."""
    return keyed("seen", f"{name}={orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS).decode()}").hex()[:16]
