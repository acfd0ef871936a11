"""Results as files. Polls: JSON, CSV, PNG, made of the results view, so what is hidden there is hidden here (B8). Rooms:
JSON, CSV, PNG. Pictures are only ordered here: polls/pictures draws them, elsewhere.
"""

from polls.exports.files import Picture, harmless
from polls.exports.results import PERCENTAGE_OF, Shape, export, full, picks, picture, rows
from rooms.exports import room_csv, room_json, worm

__all__ = [
    "PERCENTAGE_OF",
    "Picture",
    "Shape",
    "export",
    "full",
    "harmless",
    "picks",
    "picture",
    "room_csv",
    "room_json",
    "rows",
    "worm",
]
