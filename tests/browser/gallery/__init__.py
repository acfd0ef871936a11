"""Every page in every state it can be in: what test_accessibility.py examines and screenshots.py draws. One walk leads through
several states of a page, for opening pages takes the time.
"""

from tests.browser.gallery import (
    errors,
    guest_history,
    guests,
    hosts,
    people,
    polls,
    privacy,
    reports,
    rooms,
    texts,
    tickets,
    visits,
)
from tests.browser.gallery.scene import WALKS, WALL, Scene, Walk

__all__ = [
    "WALKS",
    "WALL",
    "Scene",
    "Walk",
    "errors",
    "guest_history",
    "guests",
    "hosts",
    "people",
    "polls",
    "privacy",
    "reports",
    "rooms",
    "texts",
    "tickets",
    "visits",
]
