"""The notices to a party. They hold no names and no tokens: a locked screen shows them (law 8)."""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import milliseconds
from core.times_of_day import time_of_day
from queues.models import Party, Queue
from queues.occupancy import Wait
from queues.pages.labels import wait_range
from reach.notices import Kind, Notice

CONFIRM_TTL_S = 3600
PLACE_TTL_S = 900
END_TTL_S = 3600
MESSAGE_TTL_S = 3600
TEST_TTL_S = 60
VISIT_TTL_S = 6 * 3600
# A message replaces an unfetched one of its topic: news of the place older news, a call or an end an older call.
PLACE_TOPIC, CALL_TOPIC, MESSAGE_TOPIC, DIRECT_TOPIC = "place", "call", "message", "direct"


def ticket_url(queue: Queue) -> str:
    """The guest's page; the browser knows its own ticket. With APP_BASE_URL the older front end's page, absolute, because its
    worker opens it on its own origin (contract queueup.md, Push).
    """
    return f"{base}?code={queue.code}" if (base := settings.APP_BASE_URL) else f"/queue/{queue.code}/ticket"


def of_ticket(message: Notice, party: Party) -> Notice:
    """The message for a browser that keeps several tickets of the line: its link names the party's, and it replaces no other
    party's."""
    topic = f"{message.topic}-{party.ticket}" if message.topic else ""
    url = message.url if settings.APP_BASE_URL else f"{message.url}?ticket={party.ticket}"
    return replace(message, url=url, topic=topic)


def joined(queue: Queue) -> Notice:
    """Sent once, after the browser subscribed; shows the guest that messages arrive."""
    return Notice(
        kind=Kind.JOIN_CONFIRM,
        title=_("You are in line"),
        body=_("%(line)s: news of your place comes to this phone.") % {"line": queue.event_name},
        url=ticket_url(queue),
        ttl_s=CONFIRM_TTL_S,
        topic=PLACE_TOPIC,
    )


def joined_elsewhere(queue: Queue) -> Notice:
    """The same for a way that is not a browser: a number or an address."""
    body = _("%(line)s: news of your place comes here.") % {"line": queue.event_name}
    return replace(joined(queue), body=body)


def called(party: Party, *, round_: int, now: datetime) -> Notice | None:
    """The call of that round; None once it was answered, repeated, or is past its deadline."""
    return _call(party, kind=Kind.CALLED, title=_("It is your turn"), round_=round_, now=now)


def more_time(party: Party, *, round_: int, now: datetime) -> Notice | None:
    """The later deadline that the host gave in that round; None once the call is over."""
    return _call(party, kind=Kind.MORE_TIME, title=_("You have more time"), round_=round_, now=now)


def _call(party: Party, *, kind: str, title: str, round_: int, now: datetime) -> Notice | None:
    if party.status != Party.Status.CALLED or party.call_count != round_:
        return None
    queue = party.queue
    deadline = party.call_deadline or now + timedelta(seconds=queue.call_window_s)
    if deadline <= now:
        return None
    words = {"line": queue.event_name}
    minutes = round((deadline - now).total_seconds() / 60)
    # A time of day stays true however late the phone shows it, but needs the line's zone; without one: minutes.
    minute = deadline.replace(second=0, microsecond=0)
    if not queue.has_zone and minutes >= 1:
        body = ngettext(
            "%(line)s is ready for you. Please come within %(n)d minute.",
            "%(line)s is ready for you. Please come within %(n)d minutes.",
            minutes,
        ) % {**words, "n": minutes}
    elif queue.has_zone and minute > now:
        body = _("%(line)s is ready for you. Please come by %(time)s.") % {
            **words,
            "time": time_of_day(minute, queue.zone),
        }
    else:
        body = _("%(line)s is ready for you. Please come now.") % words
    return Notice(
        kind=kind,
        title=title,
        body=body,
        url=ticket_url(queue),
        ttl_s=max(1, int((deadline - now).total_seconds())),
        urgency="high",
        topic=CALL_TOPIC,
    )


def with_wait(body: str, wait: Wait) -> str:
    """The body, and the wait that the ticket shows."""
    return _("%(text)s Wait: %(wait)s.") % {
        "text": body,
        "wait": wait_range(wait.low_ms, wait.high_ms, known=wait.known),
    }


def coming_closer(party: Party, wait: Wait | None, kind: str) -> Notice | None:
    """News of the party's current place, which may be nearer than the one of the event. `wait`: None when it does not wait.

    None when it no longer waits; of the 5th place also when it is told of the 2nd as well, or its guest chose when to be told.
    """
    if wait is None:
        return None
    place = wait.place
    if kind == Kind.POS_5 and (place.position <= 2 or party.tell_ahead is not None):
        return None
    title = _("You are next in line") if place.number <= 1 else _("Almost your turn")
    words = {"line": party.queue.event_name, "position": place.number}
    return Notice(
        kind=kind,
        title=title,
        body=with_wait(_("%(line)s: you are number %(position)d in line. Please be close by.") % words, wait),
        url=ticket_url(party.queue),
        ttl_s=PLACE_TTL_S,
        urgency="high" if kind == Kind.POS_2 else "normal",
        topic=PLACE_TOPIC,
    )


def as_near_as_chosen(party: Party, wait: Wait | None) -> Notice | None:
    """How many parties wait before it now; None when it no longer waits."""
    if wait is None:
        return None
    ahead = wait.place.number - 1
    words = {"line": party.queue.event_name, "n": ahead}
    body = ngettext("%(line)s: %(n)d party is before you.", "%(line)s: %(n)d parties are before you.", ahead) % words
    return Notice(
        kind=Kind.AHEAD,
        title=_("Soon your turn") if ahead else _("You are next in line"),
        body=with_wait(body if ahead else _("%(line)s: please be close by.") % words, wait),
        url=ticket_url(party.queue),
        ttl_s=PLACE_TTL_S,
        urgency="high",
        topic=PLACE_TOPIC,
    )


def ended(queue: Queue, kind: str) -> Notice:
    """The party's place has ended: it was removed, a no-show, or the line was closed."""
    title, body = {
        Kind.REMOVED: (
            _("You are no longer in line"),
            _("%(line)s: the host has taken you off the line. If that was a mistake, talk to the host."),
        ),
        Kind.NO_SHOW: (
            _("Your turn has passed"),
            _("%(line)s: you were called, but not there, and your place has ended. If you are here, talk to the host."),
        ),
        Kind.CLOSED: (
            _("The line has closed"),
            _("%(line)s: the line was closed, and all places in it have ended. Please ask at the door."),
        ),
    }[Kind(kind)]
    return Notice(
        kind=kind,
        title=title,
        body=body % {"line": queue.event_name},
        url=ticket_url(queue),
        ttl_s=END_TTL_S,
        urgency="high",
        topic=CALL_TOPIC,
    )


def back(party: Party, wait: Wait | None, *, now: datetime) -> Notice | None:
    """The ended place was restored; a restored call says its deadline.

    `wait`: where and how long it waits; None for a called party. Returns None once it has ended.
    """
    title = _("You are back in line")
    if wait is None:
        return _call(party, kind=Kind.BACK, title=title, round_=party.call_count, now=now)
    words = {"line": party.queue.event_name, "position": wait.place.number}
    return Notice(
        kind=Kind.BACK,
        title=title,
        body=with_wait(_("%(line)s: you are number %(position)d in line.") % words, wait),
        url=ticket_url(party.queue),
        ttl_s=END_TTL_S,
        urgency="high",
        topic=CALL_TOPIC,
    )


def announcement(party: Party, *, said_at: int | str) -> Notice | None:
    """The host's message to all in line; None once it was cleared or replaced, or the party no longer waits."""
    queue = party.queue
    if party.status != Party.Status.WAITING or milliseconds(queue.message_at) != said_at:
        return None
    return Notice(
        kind=Kind.MESSAGE,
        title=queue.event_name,
        body=queue.message,
        url=ticket_url(queue),
        ttl_s=MESSAGE_TTL_S,
        topic=MESSAGE_TOPIC,
    )


def direct(party: Party, *, said_at: int | str) -> Notice | None:
    """The host's message to this guest; None once it was cleared or replaced."""
    if milliseconds(party.message_at) != said_at:
        return None
    queue = party.queue
    return Notice(
        kind=Kind.DIRECT,
        title=queue.event_name,
        body=party.message,
        url=ticket_url(queue),
        ttl_s=MESSAGE_TTL_S,
        urgency="high",
        topic=DIRECT_TOPIC,
    )


def late(party: Party) -> Notice | None:
    """The time of the call is over, and the place is kept until the host decides; None once it was answered or ended."""
    if party.late_at is None:
        return None
    return Notice(
        kind=Kind.LATE,
        title=_("Your time to come is over"),
        body=_("%(line)s: please come now, or tell the host. Your place is kept until the host decides.")
        % {"line": party.queue.event_name},
        url=ticket_url(party.queue),
        ttl_s=PLACE_TTL_S,
        urgency="high",
        topic=CALL_TOPIC,
    )


def visit(party: Party, *, now: datetime) -> Notice | None:
    """The one question after a visit; None once it was answered, or the party is not seated any more."""
    if party.status != Party.Status.SERVED or party.answer is not None or not party.may_answer(now):
        return None
    return Notice(
        kind=Kind.VISIT,
        title=_("How was your visit?"),
        body=_("%(line)s: one tap is enough. Thank you!") % {"line": party.queue.event_name},
        url=ticket_url(party.queue),
        ttl_s=VISIT_TTL_S,
        topic=PLACE_TOPIC,
    )


def test(queue: Queue, *, title: str | None = None, body: str | None = None, url: str | None = None) -> Notice:
    """A test message; parts that are blank or not given get defaults."""
    return Notice(
        kind=Kind.TEST,
        title=title or _("Test"),
        body=body or _("%(line)s: messages arrive on this phone.") % {"line": queue.event_name},
        url=urljoin(settings.APP_BASE_URL, url) if url else ticket_url(queue),
        ttl_s=TEST_TTL_S,
    )
