"""Mails are kept for a while, for staff to see what came of them, and then forgotten: they hold addresses."""

from core import clock
from mail import commands
from mail.models import Mail

AT_ONCE = 100


def forget_old() -> int:
    """Deletes mails that are older than commands.KEPT_FOR, and their files; returns how many."""
    until = clock.now() - commands.KEPT_FOR
    old = list(Mail.objects.filter(posted_at__lt=until).values_list("pk", flat=True)[:AT_ONCE])
    if old:
        commands.forget(old)
    return len(old)
