"""Views of the JSON APIs, made of functions."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.http import HttpResponse
from rest_framework.response import Response
from rest_framework.views import APIView

from web.openapi import operation

Answer = HttpResponse | dict[str, Any] | str


class ApiView(Protocol):
    """What `as_view` returns."""

    cls: type[APIView]

    def __call__(self, request: Any, **path: Any) -> HttpResponse: ...


def endpoint(
    method: str, name: str, *, answers: Any, base: type[APIView] = APIView, **declared: Any
) -> Callable[[Callable[..., Answer]], Any]:
    """Makes a view of a function that takes the request and what stands in the path.

    A dict that it returns is answered as JSON, with the first status of `answers` (200 where it is a serializer alone); a string
    as plain text. The first sentence of its docstring is the operation's summary, the rest its description. `operation` knows
    what else is declared.
    """
    by_status = answers if isinstance(answers, dict) else {200: answers}
    status = next((each for each in by_status if isinstance(each, int)), 200)

    def decorate(function: Callable[..., Answer]) -> Any:
        @operation(name, answers=by_status, **declared)
        @wraps(function)
        def handler(self: APIView, request: Any, **path: Any) -> HttpResponse:
            answer = function(request, **path)
            if isinstance(answer, str):
                return HttpResponse(answer, content_type="text/plain")
            return Response(answer, status=status) if isinstance(answer, dict) else answer

        handler.summary, handler.__doc__ = parted(function.__doc__ or "")  # type: ignore[attr-defined]
        return type(function.__name__, (base,), {method: handler}).as_view()  # type: ignore[attr-defined]

    return decorate


def parted(docstring: str) -> tuple[str, str]:
    """The first sentence of a docstring on one line, without its full stop, and the rest."""
    first, _, rest = re.sub(r"\.(\s|$)", "\0", docstring.strip(), count=1).partition("\0")
    return " ".join(first.split()), rest.strip()


def one_path(*views: ApiView) -> Any:
    """One view of several that answer different methods of the same path."""
    return type("View", tuple(view.cls for view in views), {}).as_view()  # type: ignore[attr-defined]
