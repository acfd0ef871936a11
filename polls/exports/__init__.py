"""Results as files. Polls: JSON, CSV, PNG, made of the results view, so what is hidden there is hidden here (B8). Rooms:
CSV, PNG.

`charts` is not imported here: matplotlib takes up to a second, which only whoever draws should wait for.
"""

from polls.exports.files import harmless
from polls.exports.results import PERCENTAGE_OF, Shape, export, full, picks, rows
from polls.exports.rooms import room_csv, room_json, worm

__all__ = ["PERCENTAGE_OF", "Shape", "export", "full", "harmless", "picks", "room_csv", "room_json", "rows", "worm"]
