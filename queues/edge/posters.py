"""The poster of a venue as PDF, drawn where nothing waits for it (realtime/pictures.py)."""

import base64
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.utils.translation import override

from core.asgi_types import Receive, Scope, Send
from core.colours import tones
from core.errors import existing
from core.languages import asked_for
from queues.pages.venue import poster_of
from realtime.exports import Exports
from venues.look_forms import OUR_ACCENT
from venues.selectors import venue_at
from venues.standing import VenueLogo
from web.api import request_of
from web.charts.orders import POSTER, PosterOrder
from web.exports import Picture
from web.posters import sheet_of

NO_VENUE = "There is no venue at this address."


class PosterViews:
    """One per process."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports

    async def venue(self, scope: Scope, receive: Receive, send: Send, slug: str) -> None:
        """The venue's poster: `sheet` a4, letter or tent, `language` one of ours."""
        await self._exports.picture(scope, receive, send, poster_file, slug)


def poster_file(environ: WSGIEnvironment, slug: str, _: str) -> Picture:
    """The order of the poster. An old slug, or one in capitals, gives the same. Raises NotFound."""
    venue = existing(venue_at(slug.lower()), NO_VENUE)
    asked = {name: values[-1] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    language, sheet = asked.get("language", ""), sheet_of(asked.get("sheet", ""))
    if language not in dict(settings.LANGUAGES):
        language = asked_for(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    with override(language):
        poster = poster_of(venue)
    logo = VenueLogo.objects.filter(venue=venue).first()
    order = PosterOrder(
        kind=POSTER,
        sheet=sheet,
        lead=poster.lead,
        title=poster.title,
        link=request_of(environ).build_absolute_uri(poster.way_in),
        steps=tuple(" ".join(step) for step in poster.steps),
        accent=tones(venue.accent or OUR_ACCENT)[0].accent,
        logo=base64.b64encode(logo.picture).decode() if logo else "",
    )
    return Picture(order, f"{venue.slug}-{sheet}.pdf", kind="application/pdf")
