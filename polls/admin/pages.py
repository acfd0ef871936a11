"""What the pages of a poll and of a room share: confirmation and the log, told."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from outbox.models import Event
from queues.admin.pages import LineStaffAdmin
from queues.story import Sentence
from web.admin import BACK, list_of, page_of

MOST_TOLD = 200
_TOLD = {
    "POLL_CREATED": "made the poll",
    "POLL_EDITED": "rewrote the draft",
    "POLL_OPENED": "opened it",
    "POLL_CLOSED": "closed it",
    "POLL_RESET": "threw all ballots away and opened it again",
    "POLL_CODES_ADDED": "made one-time codes",
    "ROOM_OPENED": "opened the room",
    "ROOM_CLOSED": "closed it",
    "ROOM_TOKEN_RENEWED": "ended all host tokens given so far",
    "POLL_TOKEN_RENEWED": "ended all host tokens given so far",
}
_BY = {"system": "the clock", "host": "the host", "staff": "staff"}


class VoteStaffAdmin(LineStaffAdmin):
    """What staff may delete, and whose actions may ask before they are done."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def confirm(
        self, request: HttpRequest, rows: QuerySet[Any], *, action: str, title: str, what: str, losses: list[str]
    ) -> HttpResponse | None:
        """The page that asks before `action`; None once it was answered with yes."""
        if request.POST.get("confirmed"):
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "what": what,
            "losses": losses,
            "action": action,
            "ids": [row.pk for row in rows],
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": BACK if BACK in request.POST else "",
            "back_url": page_of(rows[0]) if BACK in request.POST and rows else "",
        }
        return TemplateResponse(request, "admin/tallyline/confirm.html", context)


def log_of(stream: str, row: Any) -> dict[str, Any]:
    """For story.html: the last MOST_TOLD events of a poll or room, newest last; by its own clock, else the installation's."""
    zone = row.zone or settings.TIME_ZONE
    events = Event.objects.filter(stream=stream, stream_id=row.pk).select_related("actor_user")
    newest = list(events.order_by("-version", "-seq")[: MOST_TOLD + 1])
    return {
        "sentences": [_sentence(event, ZoneInfo(zone)) for event in newest[:MOST_TOLD][::-1]],
        "story_zone": zone,
        "story_cut": MOST_TOLD if len(newest) > MOST_TOLD else 0,
        "events_url": list_of("outbox_event", stream_id__exact=row.pk),
    }


def _sentence(event: Event, zone: ZoneInfo) -> Sentence:
    who = _BY.get(event.actor, event.actor)
    if event.actor_user is not None:
        who = f"{event.actor} {event.actor_user.email}"
    text = f"{who[0].upper()}{who[1:]} {_TOLD.get(event.type, event.type)}."
    return Sentence(event_id=event.pk, at=event.at.astimezone(zone), text=text, party_id=None)
