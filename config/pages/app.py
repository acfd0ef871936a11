"""The installable web app: manifest, service worker and its offline page."""

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.codes import is_code
from core.languages import in_english, in_readers_language

CACHED_S = 3600
# Colours of the phone's frame while a page loads, as in templates/base.html.
PAPER, ACCENT = "#f6f4ee", "#0c6251"


@in_readers_language
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest in the reader's language. `?line=CODE`: the app starts in that line. `?start=here`: it starts at the
    address it was installed from, which keeps the place on phones whose home screen shares no cookies with the browser.
    """
    code = request.GET.get("line", "")
    start = reverse("join", args=[code.upper()]) if is_code(code) else reverse("home")
    icons = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))
    shown = {
        "id": "/",
        "name": "Tallyline",
        "short_name": "Tallyline",
        "description": _("Live waitlists and live votes for restaurants."),
        "lang": get_language() or "en",
        "dir": "rtl" if get_language_bidi() else "ltr",
        "scope": "/",
        **({} if request.GET.get("start") == "here" else {"start_url": start}),
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": ACCENT,
        "icons": [
            {"src": static(f"img/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in icons
        ],
    }
    headers = {"Cache-Control": f"public, max-age={CACHED_S}", "Vary": "Accept-Language, Cookie"}
    return JsonResponse(shown, content_type="application/manifest+json", headers=headers)


@in_readers_language
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that the service worker shows when it has no offline copy of a guest's page."""
    return render(request, "errors/offline.html", {"by_get": True})


@cache
def _worker_script() -> bytes:
    return Path(str(finders.find("sw.js"))).read_bytes()


@in_english
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker's script (frontend/worker/sw.ts). It is at the root because a worker's scope is its own path and below."""
    return HttpResponse(_worker_script(), content_type="text/javascript", headers={"Cache-Control": "no-cache"})
