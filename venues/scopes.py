"""The door for API keys: what operations declare (web/openapi.py: `scopes`) is checked here, before a view is asked.

Three ways lead to a view, and each asks `venues.keys.require`: Django's API (this permission, on every view), the hot paths
(config/edge.py) and the sockets (config/sockets.py). A test sends keys to every operation of the OpenAPI document.
"""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from venues import keys


class WithinScopes(BasePermission):
    """An API key that was sent is good for the operation, as far as its scopes and its expiry say."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True. Raises Unproven (401), Forbidden (403)."""
        handler = getattr(view, (request.method or "").lower(), None)
        needed = getattr(handler, "scopes", ())
        if needed and (key := request.headers.get("api-key", "")):
            keys.require(key, needed)
        return True
