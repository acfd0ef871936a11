"""Made by `make client` from the OpenAPI document; do not edit. Operations of webhooks."""

from collections.abc import Iterator

from ..connection import Connection, new_key, part
from .models import Answered, Deliveries, Delivery, Done, ReplayBody, Replayed, SendBody, Webhook, WebhookBody, Webhooks


class WebhooksOperations:
    """Operations of webhooks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_webhooks(self) -> Webhooks:
        """The venue's webhooks, without their secrets. An API key needs the scope `webhooks`."""
        answer: Webhooks = self._connection.ask("GET", "/api/webhooks")
        return answer

    def create_webhook(self, body: WebhookBody, *, idempotency_key: str | None = None) -> Webhook:
        """Adds an address that is told of what happens from now on. Answers with its secret, once. An API key needs
        the scope `webhooks`.
        """
        answer: Webhook = self._connection.ask("POST", "/api/webhooks", body=body, key=idempotency_key or new_key())
        return answer

    def get_webhook(self, webhook: str) -> Webhook:
        """One webhook. An API key needs the scope `webhooks`."""
        answer: Webhook = self._connection.ask("GET", f"/api/webhooks/{part(webhook)}")
        return answer

    def change_webhook(self, webhook: str, body: WebhookBody) -> Webhook:
        """Changes its address, name and types. An API key needs the scope `webhooks`."""
        answer: Webhook = self._connection.ask("PUT", f"/api/webhooks/{part(webhook)}", body=body)
        return answer

    def delete_webhook(self, webhook: str) -> Done:
        """Ends a webhook, and forgets what it was told. An API key needs the scope `webhooks`."""
        answer: Done = self._connection.ask("DELETE", f"/api/webhooks/{part(webhook)}")
        return answer

    def list_webhook_deliveries(self, webhook: str, *, before: int | None = None) -> Deliveries:
        """What was sent in the last 30 days, and what came of it, 100 at a time. An API key needs the scope
        `webhooks`.
        """
        answer: Deliveries = self._connection.ask(
            "GET", f"/api/webhooks/{part(webhook)}/deliveries", query={"before": before}
        )
        return answer

    def all_webhook_deliveries(self, webhook: str) -> Iterator[Delivery]:
        """Every item of `list_webhook_deliveries`, page after page, each page when it is needed."""
        page = self.list_webhook_deliveries(webhook)
        yield from page["deliveries"]
        while (cursor := page["next"]) is not None:
            page = self.list_webhook_deliveries(webhook, before=cursor)
            yield from page["deliveries"]

    def enable_webhook(self, webhook: str) -> Done:
        """Enables one that was disabled. It goes on where it stopped. An API key needs the scope `webhooks`."""
        answer: Done = self._connection.ask("POST", f"/api/webhooks/{part(webhook)}/enable")
        return answer

    def replay_to_webhook(self, webhook: str, body: ReplayBody) -> Replayed:
        """Sends everything since a time again, in order. An API key needs the scope `webhooks`."""
        answer: Replayed = self._connection.ask("POST", f"/api/webhooks/{part(webhook)}/replay", body=body)
        return answer

    def rotate_webhook_secret(self, webhook: str) -> Webhook:
        """Gives a new secret. For a day the one before signs, too. An API key needs the scope `webhooks`."""
        answer: Webhook = self._connection.ask("POST", f"/api/webhooks/{part(webhook)}/rotate")
        return answer

    def send_to_webhook(self, webhook: str, body: SendBody | None = None) -> Answered:
        """Sends one message now: a test, or a message that was sent before. An API key needs the scope `webhooks`."""
        answer: Answered = self._connection.ask("POST", f"/api/webhooks/{part(webhook)}/send", body=body or {})
        return answer
