"""Made by `make client` from the OpenAPI document; do not edit. Operations of push."""

from ..connection import Connection, new_key
from .models import PublicKey, ReceivedBody, RenewBody, StatusAnswer, StatusBody, SubscribeBody, TestBody, TrackBody


class PushOperations:
    """Operations of push."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def receive_push(self, body: ReceivedBody) -> str:
        """A browser says that it shows a message; the receipt in the message is the proof. The same again changes
        nothing.
        """
        answer: str = self._connection.ask("POST", "/api/push/received", body=body)
        return answer

    def renew_push_subscription(self, body: RenewBody) -> str:
        """Replaces an endpoint that the browser changed; knowing the old one is the proof. Answers `ok` also when
        the old endpoint is unknown.
        """
        answer: str = self._connection.ask("POST", "/api/push/renew", body=body)
        return answer

    def get_push_status(self, body: StatusBody) -> StatusAnswer:
        """Tells a guest's page what the server knows of its browser; the party's id and the endpoint are the proof.
        `subscribed` is false also for an unknown party.
        """
        answer: StatusAnswer = self._connection.ask("POST", "/api/push/status", body=body)
        return answer

    def subscribe_to_push(self, body: SubscribeBody) -> str:
        """Subscribes a guest's browser; the party's id is the proof."""
        answer: str = self._connection.ask("POST", "/api/push/subscribe", body=body)
        return answer

    def get_vapid_key(self) -> PublicKey:
        """The VAPID public key that browsers subscribe with. Never null here, for a key is made at first start."""
        answer: PublicKey = self._connection.ask("GET", "/api/push/vapid")
        return answer

    def track_event(self, body: TrackBody, *, idempotency_key: str | None = None) -> str:
        """Keeps a fact in the analytics log. Answers `ok` also for an unknown line or party (commands.track says
        why).
        """
        answer: str = self._connection.ask("POST", "/api/track", body=body, key=idempotency_key or new_key())
        return answer

    def send_test_push(self, body: TestBody) -> str:
        """Sends a test message at once, for hosts and staff. Answers `sent` when any browser of the party took it,
        410 when all are gone (and deleted). An API key needs the scope `line`.
        """
        answer: str = self._connection.ask("POST", "/api/push/test", body=body)
        return answer
