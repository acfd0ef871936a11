"""Django's SMTP backend with a limit for the whole letter. Django's `timeout` begins anew with each answer, so a slow server
could take longer than the lease of the letter lasts."""

import smtplib
import time
from contextlib import suppress

from django.core.mail.backends.smtp import EmailBackend

# For a letter, from the connection on. Shorter than the leases of the effect `mail` and of messages (30 s).
LETTER_S = 20.0


class _InTime:
    """Waits for answers until LETTER_S are over."""

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
    """As Django's, but a letter takes at most LETTER_S, and a letter that the server took is sent even if the goodbye fails."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """What it speaks with."""
        return _Encrypted if self.use_ssl else _Plain

    def close(self) -> None:
        """Says goodbye."""
        with suppress(smtplib.SMTPException, OSError):
            super().close()
