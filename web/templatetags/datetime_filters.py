"""Times on pages: by the clock of the venue where one is known (`zone` of the page's context), else as spans from now."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.template.defaultfilters import date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import clock
from core.times_of_day import clock_format, time_of_day

register = template.Library()


@register.simple_tag(takes_context=True)
def moment(context: template.Context, time: datetime, *, seconds: bool = False) -> SafeString:
    """A `<time>` in the page's zone and as its language writes it; its script puts it into the reader's zone. Where no zone is
    known: how long ago it was.
    """
    precision = "seconds" if seconds else "minutes"
    said = (
        _at(time, context["zone"], seconds=seconds) if context.get("zone") else _("{span} ago").format(span=_span(time))
    )
    return format_html('<time datetime="{}" data-local="{}">{}</time>', time.isoformat(), precision, said)


@register.simple_tag(takes_context=True)
def said_at(context: template.Context, time: datetime, at: str, span: str) -> SafeString:
    """A sentence about a time: `at`, with {time}, in the page's zone. Where no zone is known: `span`, with {span} from now, until
    the page's script says `at` in the reader's.
    """
    if context.get("zone"):
        return format_html(at, time=moment(context, time))
    by_script = format_html('<time datetime="{}" data-local="minutes"></time>', time.isoformat())
    sentence, for_now = format_html(at, time=by_script), span.format(span=_span(time))
    return format_html("<span data-by-script hidden>{}</span><span>{}</span>", sentence, for_now)


@register.simple_tag
def venue_time(time: datetime, zone: str) -> SafeString:
    """For hosts: a time by the venue's own clock. Where its zone is not known: how long ago it was, or the reader's by script."""
    if not zone:
        return moment(template.Context({}), time)
    return format_html('<time datetime="{}">{}</time>', time.isoformat(), _at(time, zone))


@register.simple_tag
def venue_clock(time: datetime, zone: str) -> SafeString:
    """As `venue_time`, without the day where the zone is known: for what all happened in one evening."""
    if not zone:
        return venue_time(time, zone)
    return format_html('<time datetime="{}">{}</time>', time.isoformat(), time_of_day(time, zone))


@register.filter
def day_of_year(time: datetime, zone: str) -> str:
    """The date by the venue's own clock, in brief, with its year: for what lies far ahead."""
    return date(time.astimezone(ZoneInfo(zone or settings.TIME_ZONE)), "j M Y")


@register.filter
def day(time: datetime, zone: str) -> str:
    """The date by the venue's own clock, in brief."""
    return date(time.astimezone(ZoneInfo(zone or settings.TIME_ZONE)), "j M")


def _at(time: datetime, zone: str, *, seconds: bool = False) -> str:
    day = pgettext("Django's date format; the time follows", "j M,")
    return date(time.astimezone(ZoneInfo(zone)), f"{day} {clock_format(seconds=seconds)} T")


def _span(time: datetime) -> str:
    """How far from now, either way, e.g. "25 minutes"; at least a minute."""
    now = clock.now()
    return timesince(now - max(abs(now - time), timedelta(minutes=1)), now)
