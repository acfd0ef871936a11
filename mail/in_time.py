"""Django's SMTP backend, within a time for the whole letter: its `timeout` begins anew with each answer of the server, so that a
slow one would outlast the lease of what is sent."""

import smtplib
import time
from contextlib import suppress

from django.core.mail.backends.smtp import EmailBackend

# For a letter, from the first connection on. Below the leases of the effect `mail` and of messages (30 s).
LETTER_S = 20.0


class _InTime:
    """Answers are awaited until the letter's time is over."""

    def __init__(self, *args: object, **more: object) -> None:
        self._end = time.monotonic() + LETTER_S
        super().__init__(*args, **more)

    def getreply(self) -> tuple[int, bytes]:
        """smtplib's, which all its commands use."""
        left, sock = self._end - time.monotonic(), self.sock  # type: ignore[attr-defined]
        if sock is not None:
            sock.settimeout(max(min(sock.gettimeout() or left, left), 0.001))
        reply: tuple[int, bytes] = super().getreply()  # type: ignore[misc]
        return reply


class _Plain(_InTime, smtplib.SMTP):
    pass


class _Encrypted(_InTime, smtplib.SMTP_SSL):
    pass


class InTime(EmailBackend):
    """As Django's, but a letter ends in time, and one that the server took is sent, whatever becomes of the goodbye."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """What it speaks with."""
        return _Encrypted if self.use_ssl else _Plain

    def close(self) -> None:
        """Says goodbye."""
        with suppress(smtplib.SMTPException, OSError):
            super().close()
