"""Where mails go without a mail server (EMAIL_URL): into files of DATA_DIR/mail, which staff and owners read on a page."""

import os
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage as Parsed
from email.parser import BytesParser
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class KeptMail(BaseEmailBackend):
    """Django's mail backend that writes each message to a file, readable by the program's system user only."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Writes the messages; returns how many. Raises OSError."""
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in messages:
            name = message.extra_headers.get("Message-ID", f"<{uuid4()}@").strip("<>").partition("@")[0]
            scratch = folder / f"{name}.new"
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.message().as_bytes())
            scratch.replace(folder / f"{name}.eml")
        return len(messages)


def are_kept() -> bool:
    """Whether mails go into files."""
    return not settings.EMAIL_URL


def text_of(mail_id: UUID) -> str | None:
    """The text of a kept mail; None when there is no such file on this machine."""
    try:
        kept = (_folder() / f"{mail_id}.eml").read_bytes()
    except OSError:
        return None
    body = BytesParser(Parsed, policy=policy.default).parsebytes(kept).get_body(("plain",))
    return None if body is None else str(body.get_content())


def delete(mail_id: UUID) -> None:
    """Deletes the file of a kept mail, if there is one."""
    (_folder() / f"{mail_id}.eml").unlink(missing_ok=True)


def _folder() -> Path:
    folder: Path = settings.DATA_DIR / "mail"
    return folder
