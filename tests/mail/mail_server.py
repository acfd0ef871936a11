"""A mail server on loopback, and the worker that gives it mails."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from outbox import work
from outbox.models import Effect
from tests.installation import free_port


class MailServer:
    """Takes mails, or answers recipients with `refusal` instead. `received`: what it took, parsed. `slow_s`: how long it thinks
    about a command."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.refusal = ""
        self.slow_s: dict[str, float] = {}
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd's hook for a recipient."""
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook for a message."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.received.append(BytesParser(EmailMessage, policy=policy.default).parsebytes(content))
        await asyncio.sleep(self.slow_s.get("DATA", 0))
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook for the goodbye."""
        await asyncio.sleep(self.slow_s.get("QUIT", 0))
        return "221 Bye"

    @contextmanager
    def running(self) -> Iterator["MailServer"]:
        """Listens until the block ends."""
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()


def perform() -> None:
    """Performs each mail that is due, once, as a worker would."""
    for effect in Effect.objects.filter(name="mail", status=Effect.Status.PENDING).order_by("pk"):
        work.perform(effect.pk)
