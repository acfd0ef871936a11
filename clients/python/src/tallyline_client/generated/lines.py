"""Made by `make client` from the OpenAPI document; do not edit. Operations of lines."""

from .lines_guests import LinesOfGuests
from .lines_hosts import LinesOfHosts


class LinesOperations(LinesOfGuests, LinesOfHosts):
    """Operations of lines."""
