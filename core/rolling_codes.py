"""Codes that change by the clock: derived from SECRET_KEY, stored nowhere. Each counts for its period and the next."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.codes import CODE_LENGTH, CODE_LETTERS
from core.hashing import keyed
from core.identifiers import code_in

# Long enough to walk in from the door and type it: it counts for one to two of these.
PERIOD = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RollingCode:
    """The codes of one subject, such as a line or a party. `purpose`: what they are good for; a code proves nothing else."""

    purpose: str
    subject: str

    def at(self, now: datetime) -> str:
        """The code that is shown now: six letters and digits."""
        return self._of_period(_period(now))

    def counts(self, typed: str, now: datetime) -> bool:
        """Whether a person typed the present code or the one before, in any case and with any marks between its letters."""
        found = code_in(typed)
        if found is None:
            return False
        present = _period(now)
        return any(hmac.compare_digest(found.code, self._of_period(period)) for period in (present, present - 1))

    def _of_period(self, period: int) -> str:
        # 32 letters: each byte gives one without preferring any.
        seal = keyed(f"code.{self.purpose}", f"{self.subject}\n{period}")
        return "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in seal[:CODE_LENGTH])


def next_change(now: datetime) -> datetime:
    """When the codes change next."""
    return _EPOCH + (_period(now) + 1) * PERIOD


def _period(now: datetime) -> int:
    return (now - _EPOCH) // PERIOD
