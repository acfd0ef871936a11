"""Guests prove that they are here by the code on the wall, which changes: one for all lines of a venue (decision 0064)."""

from datetime import datetime

from core.errors import Forbidden
from core.rolling_codes import RollingCode
from queues.models import Queue
from queues.refusals import HERE_CODE_NEEDED, WRONG_HERE_CODE


def code_of(line: Queue) -> RollingCode:
    """The codes on the wall of the line, or of its venue."""
    return RollingCode("here", str(line.venue_id or line.pk))


def require_here(line: Queue, typed: str, now: datetime) -> None:
    """Raises Forbidden when the line takes only guests who are here and `typed` is not the code on its wall."""
    if not line.here_only:
        return
    if not typed.strip():
        raise Forbidden(HERE_CODE_NEEDED, field="hereCode")
    if not code_of(line).counts(typed, now):
        raise Forbidden(WRONG_HERE_CODE, field="hereCode")
