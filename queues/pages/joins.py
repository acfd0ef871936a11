"""A browser's joins: the idempotency key belongs to the browser and the line, not to one rendering of the form (decision 0031).

A guest whose answer was lost finds the place again by scanning again, and two tabs make one party. Without its cookie a browser
is one browser for as long as it sends the same form.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest

from core import clock
from core.hashing import keyed
from queues.commands.guests import join_scope
from queues.models import Party, Queue
from queues.pages.access import PLACE_AGE_S
from web import browsers, idempotency

# How many keys are looked up in one statement; a tablet at the door may join for many parties.
_AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    """The parties that this browser joined the line with, oldest first. `kept`: the request had the browser's cookie."""

    line: Queue
    token: str
    kept: bool
    parties: list[Party]

    @property
    def in_line(self) -> Party | None:
        """The latest party in line now, also if the answer to its join was lost or a host has put it back."""
        return next((party for party in reversed(self.parties) if party.status in Party.IN_LINE), None)

    @property
    def ended(self) -> Party | None:
        """The latest party if it ended less than PLACE_AGE_S ago."""
        latest = self.parties[-1] if self.parties else None
        if latest is None or latest.ended_at is None:
            return None
        return latest if clock.now() - latest.ended_at < timedelta(seconds=PLACE_AGE_S) else None

    @property
    def form_key(self) -> UUID:
        """The key for a form shown now: the same in each tab until the browser has joined with it."""
        return _form_key(self.token, self.line, len(self.parties))

    def made_by(self, form_key: UUID) -> Party | None:
        """The party that a form with this key has made."""
        made = (
            party for number, party in enumerate(self.parties) if _form_key(self.token, self.line, number) == form_key
        )
        return next(made, None)

    def key(self, request: HttpRequest, form_key: UUID) -> str:
        """The command's idempotency key: the browser's next one, from any tab; without a cookie, the form's."""
        if self.kept:
            return _bound(self.token, self.form_key)
        return idempotency.of_form(request, form_key)


def joins_of(request: HttpRequest, line: Queue) -> Joins:
    """This browser's joins of the line; a browser without the cookie gets a new token and has none."""
    kept, token = browsers.kept_token(request), browsers.token_of(request)
    return Joins(line=line, token=token, kept=bool(kept), parties=_parties(token, line) if kept else [])


def _parties(token: str, line: Queue) -> list[Party]:
    """The parties that were made with the keys 0, 1, 2, …: the first key that has made none is the next."""
    parties: list[Party] = []
    while True:
        numbers = range(len(parties), len(parties) + _AT_ONCE)
        keys = [
            idempotency.hashed_key(join_scope(line), _bound(token, _form_key(token, line, number)))
            for number in numbers
        ]
        made = {party.join_key: party for party in line.parties.filter(join_key__in=keys)}
        for key in keys:
            if key not in made:
                return parties
            parties.append(made[key])


def _form_key(token: str, line: Queue, number: int) -> UUID:
    return UUID(bytes=keyed("join.form", f"{token}\n{line.pk}\n{number}")[:16])


def _bound(token: str, form_key: UUID) -> str:
    return idempotency.bound(str(form_key), f"joins:{token}")
