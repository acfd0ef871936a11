"""Lines, polls and webhooks of a Tallyline installation, for a venue's programs.

`Tallyline` has every operation of its API as a method; what is sent and answered are the dictionaries of
`tallyline_client.models`, typed.
"""

from .client import Tallyline
from .connection import Refused, Retries
from .generated import models

__all__ = ["Refused", "Retries", "Tallyline", "models"]
