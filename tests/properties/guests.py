"""A party as the model of a line keeps it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Guests:
    """A party."""

    id: str
    ticket: int
    rank: int
    name: str
    size: int
    note: str
    walk_in: bool
    joined_at: datetime
    status: str = "waiting"
    nearby: bool = False
    called_at: datetime | None = None
    call_deadline: datetime | None = None
    without_phone: bool = False
    late_at: datetime | None = None
    on_my_way_at: datetime | None = None
    message: str = ""
    message_at: datetime | None = None
    call_count: int = 0
    more_time: str = ""
    ended_at: datetime | None = None
    lapsed: bool = False
    told_position_2: bool = False
    told_position_5: bool = False
