"""The header Retry-After of an answer (RFC 9110, 10.2.3)."""

import math
import time
from datetime import UTC
from email.utils import parsedate_to_datetime


def seconds_of(header: str | None, *, most: int, least: int = 0) -> int | None:
    """The whole seconds to wait, of a number or a date, rounded up, and kept within `least` and `most`: the receiver may have
    written anything. None when the header is absent or malformed."""
    word = (header or "").strip()
    if word.isascii() and word.isdecimal():
        asked = int(word[:10])
    else:
        try:
            moment = parsedate_to_datetime(word)
            asked = math.ceil((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time())
        except (ValueError, OverflowError):  # no date, or one with numbers beyond all dates
            return None
    return min(max(least, asked), most)
