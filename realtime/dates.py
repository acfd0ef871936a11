"""The `date` header of every answer: the database's time, not this machine's. Pages set their countdowns by it (decision 0028).
uvicorn is started with --no-date-header; daphne writes none.
"""

import time
from email.utils import formatdate

from core import clock

_header = (b"date", b"")
_until = 0.0


def date_header() -> tuple[bytes, bytes]:
    """Made once a second, for every answer asks."""
    global _header, _until
    if (now := time.monotonic()) >= _until:
        seconds = clock.estimate.now_ms() / 1000 or time.time()
        _header = (b"date", formatdate(seconds, usegmt=True).encode())
        _until = now + 1 - seconds % 1
    return _header
