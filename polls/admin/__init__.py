"""Staff's view of polls. Staff may make, open, close, reset and delete them, by the hosts' own commands.

Ballots, tallies and seals have composite keys, which Django's admin cannot show; a poll's page shows what they add up to.
"""

from polls.admin import polls

__all__ = ["polls"]
