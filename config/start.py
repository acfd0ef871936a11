"""What web, worker and timers check before they start to work."""

from django.conf import settings

from core.durability import require_durable
from core.releases import require_known_migrations
from core.start import CannotStart, require_secrets
from polls.on_nodes import require_nodes
from queues.quotes import MODELS


def require_all() -> None:
    """Raises CannotStart, with a sentence for the person at the terminal."""
    require_secrets()
    require_quote_model()
    require_databases()


def require_quote_model() -> None:
    """Raises CannotStart where QUOTE_MODEL is no version of the rules."""
    if settings.QUOTE_MODEL not in MODELS:
        known = ", ".join(map(str, MODELS))
        raise CannotStart(f"QUOTE_MODEL must be one of {known}, not {settings.QUOTE_MODEL}.")


def require_databases() -> None:
    """Checks that the databases keep what they acknowledge, are of no newer release, and hold the ballots of all polls.

    Raises CannotStart. A database that does not answer stops no start.
    """
    require_durable()
    require_known_migrations()
    require_nodes()
