"""The look of a venue's pages: its accent colour as a stylesheet, and its logo. Their addresses name their content, so browsers
keep them for ever."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core import colours
from core.languages import in_english
from venues.standing import VenueLogo

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@in_english
@require_safe
def accent(request: HttpRequest, colour: str) -> HttpResponse:
    """The stylesheet of an accent colour."""
    return HttpResponse(colours.stylesheet(f"#{colour}"), content_type="text/css; charset=utf-8", headers=_FOR_EVER)


@in_english
@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """A venue's present logo."""
    found = VenueLogo.objects.filter(digest=digest).first()
    if found is None:
        raise Http404("unknown logo")
    return HttpResponse(bytes(found.picture), content_type="image/webp", headers=_FOR_EVER)
