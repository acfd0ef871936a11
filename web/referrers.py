"""Pages whose own URL holds a token that is good once."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase


def without_referrer(page: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Decorates a view: browsers name its URL to nobody, not even to this site's other pages (Referrer-Policy)."""

    @wraps(page)
    def view(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        response = page(request, *arguments, **options)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return view
