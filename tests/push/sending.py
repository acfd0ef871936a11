"""Sending without a database."""

from push import sender
from push.sender import Outcome
from reach.notices import Notice
from tests.push.service import Browser

FCM = "https://fcm.googleapis.com/fcm/send/abc:123"
MESSAGE = Notice(kind="test", title="Hi", body="There", url="/", ttl_s=60)


def send(endpoint: str, browser: Browser | None = None) -> Outcome:
    target = browser or Browser("")
    target.endpoint = endpoint
    return sender.send(target, MESSAGE)
