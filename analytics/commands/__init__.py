"""Every write of analytics, except that facts of events are kept by their effect (analytics/facts.py)."""

from analytics.commands.track import harmless, track
from analytics.commands.weekly import choose_weekly_mail, end_weekly_mail, post_weekly_mail
