"""The body of a poll of contract edge-poll.md."""

import time
from typing import Any

DAY = 86_400_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def body(**fields: Any) -> dict[str, Any]:
    """A valid body, open for two days around now."""
    return {
        "title": "Which wine?", "description": "", "start": now_ms() - DAY, "end": now_ms() + DAY, "shards": 4,
        "choices": ["Red", "White", "Rosé"], **fields,
    }  # fmt: skip
