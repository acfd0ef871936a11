"""Names for JSON values."""

from typing import Any

View = dict[str, Any]
"""A JSON object that is shown to a client: strings, numbers, booleans, None, lists and objects; times in ms since 1970."""
