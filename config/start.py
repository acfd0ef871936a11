"""What web, worker and timers check before they start to work."""

from core.durability import require_durable
from core.releases import require_known_migrations
from core.start import require_secrets
from polls.on_nodes import require_nodes


def require_all() -> None:
    """Raises CannotStart, with a sentence for the person at the terminal."""
    require_secrets()
    require_databases()


def require_databases() -> None:
    """Checks that the databases keep what they acknowledge, are of no newer release, and hold the ballots of all polls.

    Raises CannotStart. A database that does not answer stops no start.
    """
    require_durable()
    require_known_migrations()
    require_nodes()
