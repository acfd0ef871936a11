"""All routes of the program, by themselves: those of Django's URLconf and those that the edge answers before it.

For tests that must leave none out. `{...}` stands where an id or a code goes.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from config.edge import ROUTES
from core.api_paths import is_api

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
CODE = "ABCDEF"
ID = "9b2f1f4e-58a6-4a5e-9a43-0c6d7d1f7a11"


def _patterns(found: list[Any], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in found:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, route)
        else:
            yield f"/{route}", one


def django_routes() -> dict[str, URLPattern]:
    """The routes of Django's URLconf, written as in it; the catch-alls and those of static files are none."""
    found = dict(_patterns(get_resolver().url_patterns))
    return {route: pattern for route, pattern in found.items() if not set("^$(") & set(route)}


def edge_routes() -> list[str]:
    """The templates of config/edge.py."""
    return list(dict.fromkeys(route.path for route in ROUTES))


def filled(route: str, **known: str) -> str:
    """A path of this route: `known` by name, else an unknown id or code."""

    def value(match: re.Match[str]) -> str:
        name = match[1].rpartition(":")[2]
        kind = match[1].partition(":")[0]
        if name in known:
            return known[name]
        if kind in {"slug", "path"}:
            return "close"
        if kind == "int" or name == "object_id":
            return "1"
        return CODE if kind == "code" or name in {"code", "line"} else ID

    return re.sub(r"[<{]([^>}]+)[>}]", value, route)


def all_routes() -> list[str]:
    """Both, each path once, in one order."""
    by_path = {re.sub(r"[<{][^>}]+[>}]", "{}", route): route for route in (*edge_routes(), *django_routes())}
    return sorted(by_path.values())


def api_routes() -> list[str]:
    """Those of our APIs."""
    return [route for route in all_routes() if is_api(route)]


def page_routes() -> list[str]:
    """All others."""
    return [route for route in all_routes() if not is_api(route)]
