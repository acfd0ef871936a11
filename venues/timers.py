"""What the clock does in venues: owners hear that an API key expires soon."""

from core import sweep
from venues import commands


def warn_of_expiry() -> int:
    """Has owners told of keys that expire within a week, once each; returns of how many keys."""
    return sweep.each(commands.expiring_keys(), commands.warn_of_expiry)
