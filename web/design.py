"""The design page: every part of the pages in every state. Only with DEBUG."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.languages import in_english

COLOURS = "paper card ink soft rule edge accent accent-strong on-accent call call-soft on-call danger danger-soft ok-soft notice"
BARS = [
    {"text": "The oysters, as always", "percent": 58, "count": 29, "leads": True},
    {"text": "Soup", "percent": 30, "count": 15, "leads": False},
    {"text": "مازة بيضاء", "percent": 12, "count": 6, "leads": False},
    {"text": "Nothing, thank you", "percent": 0, "count": 0, "leads": False},
]


@in_english
@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """`?theme=light` or `dark` and `?dir=rtl` overrule the reader's settings."""
    if not settings.DEBUG:
        raise Http404("only with DEBUG")
    theme, direction = request.GET.get("theme", ""), request.GET.get("dir", "")
    context = {
        "theme": theme if theme in {"light", "dark"} else "",
        "direction": direction if direction in {"ltr", "rtl"} else "",
        "colours": COLOURS.split(),
        "bars": BARS,
    }
    return render(request, "design/design.html", context)
