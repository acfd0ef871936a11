"""Staff's view of polls and rooms. Whoever is staff may make, open, close, reset and delete them, by the hosts' own commands.

Ballots, tallies and seals have composite keys, which Django's admin cannot show; a poll's page shows what they add up to.
"""

from polls.admin import polls
from rooms import admin

__all__ = ["admin", "polls"]
