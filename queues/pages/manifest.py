"""The web app manifest: what a phone needs to put the pages on its home screen, in the page's language."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.codes import is_code

CACHED_S = 3600
# As in the pages (templates/base.html): the phone's frame while they load.
PAPER, ACCENT = "#f6f4ee", "#0c6251"


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """`?line=CODE`: it starts in that line, where the guest's own place is. `?start=here`: at the very address it was
    installed from, which keeps the place on phones whose home screen shares no cookies with the browser.
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
