"""The header Retry-After of an answer (RFC 9110, 10.2.3)."""

import math
import time
from datetime import UTC
from email.utils import parsedate_to_datetime


def seconds_of(header: str | None) -> int | None:
    """The whole seconds to wait, of a number or a date, rounded up; of a date that is over not above 0. None when the header is
    absent or malformed. The receiver may have written anything: the caller bounds it."""
    word = (header or "").strip()
    if word.isascii() and word.isdecimal():
        return int(word[:10])
    try:
        moment = parsedate_to_datetime(word)
        return math.ceil((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time())
    except (ValueError, OverflowError):  # no date, or one with numbers beyond all dates
        return None
