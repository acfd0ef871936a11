"""Weekly mails that are due (law 5)."""

from analytics import commands
from analytics.models import WeeklyMail
from core import clock, sweep

AT_ONCE = 100


def post_due() -> int:
    """Posts them; returns how many."""
    due = WeeklyMail.objects.filter(due_at__lte=clock.now()).order_by("due_at", "pk").values_list("pk", flat=True)
    return sweep.each(list(due[:AT_ONCE]), commands.post_weekly_mail)
