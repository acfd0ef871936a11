"""The page that says why nothing was done."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from core.errors import Refused


def refused_page(request: HttpRequest, template: str, context: Mapping[str, Any], refused: Refused) -> HttpResponse:
    """The template, with the refusal's status and headers. What the page says of it is in the context."""
    page = render_to_string(template, dict(context), request)
    return HttpResponse(page, status=refused.status, headers=refused.headers)
