"""The weekly mail about a venue (mail/letters.py): its figures beside those of the week before, and a picture of its days."""

from datetime import date
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics import labels, reports
from analytics.answers import counted
from analytics.models import WeeklyMail
from analytics.parties import venue_scope
from analytics.periods import week_of
from core.hashing import derived_token, is_same
from mail.letters import Letter
from mail.models import Mail
from venues.roles import Right, may

PICTURE = "days"
PICTURE_PX = 600


def weekly_report(mail: Mail) -> Letter | None:
    """The mail about the week of `mail.day`; None where no party joined in it, when it was ended, and for one who may not see
    reports any more. It names no guest."""
    rows = WeeklyMail.objects.select_related("membership__venue", "membership__user")
    chosen = rows.filter(pk=str(mail.about)).first()
    if chosen is None or mail.day is None:
        return None
    venue = chosen.membership.venue
    if not may(chosen.membership.user, venue.pk, Right.REPORTS):
        return None
    week = week_of(mail.day)
    now, then = reports.of_venue(venue, week), reports.of_venue(venue, week.before())
    if not now.total.parties:
        return None
    asked = [counted(venue_scope(venue, each)) for each in (week, week.before())]
    with translation.override(chosen.language):
        days = [(day_name(day), figures.parties) for day, figures in now.dates.items()]
        end = mail.origin + reverse("weekly-mail", args=[chosen.pk, proof_of(chosen.pk)])
        context = {
            "venue": venue,
            "language": chosen.language,
            "first": day_name(week.first),
            "last": day_name(week.last),
            "figures": [*labels.compared(now.total, then.total), *labels.of_answers(*asked)],
            "days": days,
            "page": f"{mail.origin}{reverse('venue-reports')}?venue={venue.pk}&first={week.first}&last={week.last}",
            "end": end,
            "picture": PICTURE,
        }
        subject = _("{venue}: {first} to {last}").format(venue=venue.name, first=context["first"], last=context["last"])
        return Letter(
            subject,
            render_to_string("mail/weekly_report.txt", context),
            html=render_to_string("mail/weekly_report.html", context),
            pictures={PICTURE: _picture(days, now.total.parties)},
            # RFC 8058: mail programs show a button of their own.
            headers={"List-Unsubscribe": f"<{end}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )


def day_name(day: date) -> str:
    """A day as the language in use writes it, without the year."""
    return _("{weekday} {day}").format(weekday=date_format(day, "D"), day=date_format(day, "MONTH_DAY_FORMAT"))


def proof_of(mail_id: UUID) -> str:
    """What a link that ends this mail must hold: 256 bits that only a holder of SECRET_KEY can derive from the id."""
    return derived_token("weekly-mail", str(mail_id))


def proves(proof: str, mail_id: UUID) -> bool:
    """Whether a link is ours, compared in constant time."""
    return is_same(proof, proof_of(mail_id))


def _picture(days: list[tuple[str, int]], total: int) -> bytes:
    """The days as bars, a PNG that can be read on a phone."""
    # Its fonts are loaded by workers that send a picture, and by no web process.
    from web.charts.charts import bars

    rows = [(name, parties, round(100 * parties / total)) for name, parties in days]
    note = _("Parties that joined on each day, and their share of the week")
    return bars(_("Parties by day"), rows, note, PICTURE_PX)
