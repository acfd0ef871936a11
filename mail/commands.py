"""Every write to mails. A mail is posted in the transaction of what it tells, and sent afterwards by its effect (law 4)."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from core import clock
from core.actors import Actor
from core.change import durable
from mail import kept
from mail.models import Mail
from outbox.record import NewEvent, record

STREAM = "mail"
KEPT_FOR = timedelta(days=30)


def post(
    *, kind: str, to: str, origin: str, once: str, about: UUID | None = None, day: date | None = None, actor: Actor
) -> bool:
    """Has a mail sent once the open transaction is committed. False when one was posted for the same reason (`once`).

    Raises outbox.record.OutsideTransaction without a transaction.
    """
    at = clock.now()
    fields = {"kind": kind, "to": to, "origin": origin, "about": about, "day": day, "posted_at": at}
    mail, is_new = Mail.objects.get_or_create(once=once, defaults=fields)
    if is_new:
        posted = NewEvent(type="MAIL_POSTED")
        record([posted], stream=STREAM, stream_id=mail.pk, version=1, at=at, actor=actor, action="post")
    return is_new


def settle(mail: Mail, result: Mail.Result, detail: str = "") -> None:
    """Keeps what came of a mail, right after the mail server answered. The first answer stays."""
    Mail.objects.filter(pk=mail.pk, settled_at__isnull=True).update(
        settled_at=clock.NOW, result=result, detail=detail[:80]
    )


@durable()
def forget(mails: Sequence[UUID]) -> None:
    """Deletes mails, and their files where this machine has kept them."""
    Mail.objects.filter(pk__in=mails).delete()
    for mail_id in mails:
        kept.delete(mail_id)
