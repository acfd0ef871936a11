"""Short codes of lines, polls and rooms: six letters and digits that are not mistaken for one another."""

import secrets
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError
from django.db.models import Model, QuerySet

from core.errors import Conflict

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6
# Regular expressions of a code: as we write it, and as it may stand in a path.
CODE = f"[{CODE_LETTERS}]{{{CODE_LENGTH}}}"
CODE_IN_ANY_CASE = f"[{CODE_LETTERS}{CODE_LETTERS.lower()}]{{{CODE_LENGTH}}}"
CODE_TRIES = 8
_LETTERS = frozenset(CODE_LETTERS)

Made = TypeVar("Made")
Row = TypeVar("Row", bound=Model)


def is_code(text: str) -> bool:
    """Whether `text` has the shape of a short code, in any case; only then is it worth a query."""
    return len(text) == CODE_LENGTH and text.isascii() and set(text.upper()) <= _LETTERS


def row_by_code(rows: QuerySet[Row], code: str) -> Row | None:
    """The row with this code, in any case; None, without a query, for what is no code."""
    return rows.filter(code=code.upper()).first() if is_code(code) else None


def new_code() -> str:
    """A random short code, e.g. `K7QX2M`."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def with_free_code(insert: Callable[[str], Made], *, known: Callable[[], Made | None]) -> Made:
    """Inserts a row under a code that is free, or returns the row that `known` finds: the one made before with the same
    idempotency key.

    `insert` runs a transaction and raises IntegrityError when the code, or the key, is taken; then both are tried again.
    Raises Conflict after CODE_TRIES.
    """
    for _ in range(CODE_TRIES):
        if (made := known()) is not None:
            return made
        try:
            return insert(new_code())
        except IntegrityError:
            continue
    raise Conflict("No free code was found. Please try again.")
