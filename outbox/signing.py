"""Messages between programs, signed as Standard Webhooks 1.0.0 has it (standardwebhooks.com): sent and received."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook, WebhookVerificationError

SECRET_BYTES = 32


def new_secret() -> str:
    """A signing secret as the specification writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed(message_id: str, body: bytes, signing_secrets: Sequence[str], at: datetime) -> dict[str, str]:
    """The three headers of the specification; a signature for each secret."""
    text = body.decode()
    signatures = [Webhook(each).sign(message_id, at, text) for each in signing_secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def is_signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Whether the message was signed by this secret within the last five minutes (or next, for clocks differ)."""
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: headers of another shape, a body that is no text
        return False
    return True
