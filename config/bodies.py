"""How long a request's body may be, by its path: as long as the longest valid one there, written in the longest way (every
letter as \\uXXXX, twice for an emoji). tests/config/test_bodies.py computes that from the declared bodies and compares."""

import re

from django.conf import settings

from core.api_paths import is_api

# A hundred choices, a title and a description.
_POLLS = re.compile(r"/api/polls(/[^/]+)?/?|/api/vote/?|/poll/?")
# What a host's device has kept while it had no network.
_ACTIONS = re.compile(r"/api/queue/[^/]+/actions/?")
# A line with all that guests may know of it.
_LINES = re.compile(r"/api/queue/create/?")
_LOGO = re.compile(r"/venue/logo/?")


def body_limit(path: str) -> int:
    """Bytes a request body may have at this path; deploy/nginx.conf allows the most of these for programs and for pages, and
    for logos."""
    if _POLLS.fullmatch(path) or _ACTIONS.fullmatch(path):
        return settings.POLL_BODY_LIMIT
    if _LINES.fullmatch(path):
        return settings.LINE_BODY_LIMIT
    if _LOGO.fullmatch(path):
        return settings.LOGO_BODY_LIMIT
    return settings.API_BODY_LIMIT if is_api(path) else settings.PAGE_BODY_LIMIT
