"""The cookie in which a browser keeps its places in a line: the ids of its parties, the one shown last first.

An id is the guest's proof; no script reads the cookie. Releases before wrote one id.
"""

from collections.abc import Iterable
from uuid import UUID

from core.identifiers import as_uuid

# A family's phone, or a tablet that is passed around; a tablet at the door is a kiosk. Beyond that the oldest are dropped.
MOST_PLACES = 8
_BETWEEN = "."


def cookie_of(code: str) -> str:
    """The cookie's name, of the line with this code."""
    return f"place_{code}"


def read(cookie: str) -> list[UUID]:
    """The ids in the cookie's value; none for what we did not write."""
    ids = [as_uuid(text) for text in cookie.split(_BETWEEN)[:MOST_PLACES]]
    return [each for each in ids if each is not None]


def written(ids: Iterable[UUID]) -> str:
    """As the cookie's value."""
    return _BETWEEN.join(str(each) for each in list(ids)[:MOST_PLACES])
