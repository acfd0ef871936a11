"""Paths of the APIs: which they are, their routes with and without a trailing slash, and the methods of each."""

from collections.abc import Callable
from typing import Any

from django.urls import Resolver404, resolve
from django.urls.resolvers import RoutePattern, URLPattern

NO_SUCH_PATH = "There is nothing at this address."


def is_api(path: str) -> bool:
    """Whether the path is an API's: `/api/...`, or `/poll...` of contract edge-poll.md. All answers there are JSON, errors
    too."""
    return path.startswith(("/api/", "/poll/")) or path in {"/api", "/poll"}


def is_of_older_contract(path: str) -> bool:
    """Whether an older contract says what an error looks like at this path: `{"error": ...}` and nothing more."""
    return path.startswith(("/api/queue/", "/api/push/", "/api/track", "/api/vote", "/poll"))


def api_path(
    route: str, view: Callable[..., Any], kwargs: dict[str, Any] | None = None, name: str | None = None
) -> URLPattern:
    """As django.urls.path, for a view of an API: the path answers the same with and without a trailing slash."""
    return URLPattern(_EitherSlash(route, name=name, is_endpoint=True), view, kwargs, name)


def methods_of(path: str) -> list[str] | None:
    """The methods that Django's view of an API path answers, for `Allow`; None where there is no such path."""
    try:
        view = resolve(path).func
    except Resolver404:
        return None
    known = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if known is None:  # the view of all unknown paths
        return None
    names = {name for name in known.http_method_names if hasattr(known, name)}
    return [name.upper() for name in known.http_method_names if name in names or name == "head" and "get" in names]


class _EitherSlash(RoutePattern):
    def match(self, path: str) -> tuple[str, tuple[Any, ...], dict[str, Any]] | None:
        """As written, or with one slash more or less at the end."""
        return super().match(path) or super().match(path[:-1] if path.endswith("/") else f"{path}/")
