"""The weekly mail about a venue: who gets it, and when the next is due (law 5). It is sent by the effect `mail`."""

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from analytics.models import WeeklyMail
from analytics.periods import WEEK, week_of
from core import clock
from core.actors import SYSTEM
from core.change import durable
from mail import commands as mails
from venues.days import business_day, instant
from venues.models import Membership, Venue

KIND = "weekly_report"
# By the venue's clock. A week ends at night; its mail comes in the morning.
NOT_BEFORE = time(9)


@durable()
def choose_weekly_mail(member: Membership, *, language: str, origin: str) -> None:
    """Sends the person the venue's weekly mail from now on, the first about this week; or changes its language.

    `origin`: scheme and host for its links.
    """
    week = week_of(business_day(clock.now(), member.venue.timezone, member.venue.day_ends)).first
    choice = {"language": language, "origin": origin}
    first = {"week": week, "due_at": _due(member.venue, week)}
    WeeklyMail.objects.update_or_create(membership=member, defaults=choice, create_defaults=choice | first)


@durable()
def end_weekly_mail(mail_id: UUID) -> None:
    """Sends no more of it. Also the one that is posted and not sent yet is not sent."""
    WeeklyMail.objects.filter(pk=mail_id).delete()


@durable()
def post_weekly_mail(mail_id: UUID) -> bool:
    """Posts the mail about the week that is over, and sets when the next is due. False when none is due, or another sweeper is at
    it.

    One about each week, late ones in order. Where the venue's clock was changed since, `due_at` is only set anew.
    """
    rows = WeeklyMail.objects.select_for_update(skip_locked=True, of=("self",))
    mail = rows.select_related("membership__venue", "membership__user").filter(pk=mail_id).first()
    if mail is None:
        return False
    at, venue = clock.now(), mail.membership.venue
    posted = _due(venue, mail.week) <= at
    if posted:
        mails.post(
            kind=KIND,
            to=mail.membership.user.email,
            origin=mail.origin,
            once=f"{KIND}:{mail.pk}:{mail.week}",
            about=mail.pk,
            day=mail.week,
            actor=SYSTEM,
        )
        mail.week += WEEK
    mail.due_at = _due(venue, mail.week)
    mail.save(update_fields=["week", "due_at"])
    return posted


def _due(venue: Venue, week: date) -> datetime:
    """When the mail about this week is due: the week is over, and it is not night."""
    return instant(week + WEEK, max(venue.day_ends, NOT_BEFORE), ZoneInfo(venue.timezone))
