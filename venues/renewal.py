"""Renewing the host tokens of a line, poll or room: every token that was given so far ends (decision 0028)."""

from collections.abc import Callable
from typing import Any, TypeVar

from rest_framework.request import Request

from core.actors import Actor
from outbox.change import Change, Row
from venues.authentication import given_token, key_of
from venues.proofs import Hosted, Subject

AnyHosted = TypeVar("AnyHosted", bound=Hosted)


def renew(change: Change[Row]) -> Row:
    """Gives the locked row the next number of its tokens."""
    row: Any = change.row
    change.set(token_version=row.token_version + 1)
    change.emit(f"{change.stream.upper()}_TOKEN_RENEWED")
    return change.row


def renewed(
    request: Request, before: Subject, command: Callable[..., AnyHosted], *, actor: Actor
) -> tuple[AnyHosted, str]:
    """Renews by the slice's `command`, for an API: the row, and the new token of the host who asks. Raises NotFound, Busy."""
    row = command(before.id, actor=actor)
    return row, given_token(request, Subject.of(row), actor=actor, key=key_of(request), proved=before)
