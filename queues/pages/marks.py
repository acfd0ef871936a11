"""What of a line its console makes heard, and counts in the tab's title: frontend/host/heard.ts compares it with what was."""

import json

from queues.shapes import Row


def marks(row: Row, *, lapsed: int) -> str:
    """JSON, by tickets: the newest that a guest took themself; who asks for more time; who is late; and how many the clock
    has ended that no host has looked at yet."""
    inside = [*row["waiting"], *row["called"]]
    return json.dumps(
        {
            "newest": max((party["ticket"] for party in inside if not party["walkIn"]), default=0),
            "asks": [party["ticket"] for party in row["called"] if party["wantsMoreTime"]],
            "late": [party["ticket"] for party in row["called"] if party.get("lateAt")],
            "lapsed": lapsed,
        }
    )
