"""The effect `mail` (outbox/effects.py): gives a mail to the mail server, outside of any transaction.

A mail that the server took is recorded at once, so that the effect performed again sends nothing. A worker killed between the two
sends it a second time under the same Message-ID.
"""

import logging
from email.mime.image import MIMEImage
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit
from uuid import UUID

from django.core.mail import EmailMultiAlternatives

from mail import commands
from mail.letters import Letter, letter_of
from mail.models import Mail
from outbox.effects import Retry
from outbox.models import Event

logger = logging.getLogger(__name__)

# RFC 5321, 4.2.1: from here on an answer is final.
_FINAL = 500


def deliver(event: Event) -> None:
    """Sends the mail of the event, unless it was sent. Raises Retry while the mail server cannot take it."""
    mail = Mail.objects.filter(pk=event.stream_id, settled_at__isnull=True).first()
    if mail is None:
        return
    letter = letter_of(mail)
    if letter is None:
        commands.settle(mail, Mail.Result.NOT_NEEDED)
        return
    try:
        hand_over(letter, to=mail.to, origin=mail.origin, mail_id=mail.pk)
    except Refused as refused:
        logger.warning("a mail was refused", extra={"kind": mail.kind, "problem": str(refused)})
        commands.settle(mail, Mail.Result.REFUSED, str(refused))
    else:
        commands.settle(mail, Mail.Result.SENT)


class Refused(Exception):
    """The mail server will never take this mail. Says its status, not its words, which may quote the address."""


def hand_over(letter: Letter, *, to: str, origin: str, mail_id: UUID) -> None:
    """Gives a letter to the mail server; returns once it took it. The same `mail_id` again has the same Message-ID. Raises
    outbox.effects.Retry while it cannot take it, Refused when it never will."""
    try:
        _message(letter, to=to, origin=origin, mail_id=mail_id).send()
    except (SMTPException, OSError) as problem:
        status = _status(problem)
        said = f"{type(problem).__name__} {status or ''}".strip()
        raise (Retry(said) if status < _FINAL else Refused(said)) from None


class _WithPictures(EmailMultiAlternatives):
    """Its attachments are pictures that its HTML refers to (RFC 2387)."""

    mixed_subtype = "related"


def _message(letter: Letter, *, to: str, origin: str, mail_id: UUID) -> EmailMultiAlternatives:
    host = urlsplit(origin).hostname or "localhost"
    headers = {"Message-ID": f"<{mail_id}@{host}>", "Auto-Submitted": "auto-generated", **letter.headers}
    subject = " ".join(letter.subject.split())  # names in it may hold line ends, which no header can
    message = _WithPictures(subject, letter.text, to=[to], headers=headers)
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    for name, picture in letter.pictures.items():
        part = MIMEImage(picture, "png")
        part.add_header("Content-ID", f"<{name}>")
        part.add_header("Content-Disposition", "inline", filename=f"{name}.png")
        message.attach(part)
    return message


def _status(problem: Exception) -> int:
    """The mail server's status code; 0 when it gave none."""
    if isinstance(problem, SMTPRecipientsRefused):
        return max((code for code, _ in problem.recipients.values()), default=0)
    return problem.smtp_code if isinstance(problem, SMTPResponseException) else 0
