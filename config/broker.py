"""What Celery's client is told about a broker, by the scheme of its URL: how long to wait for it, and the kind of the queue."""

from typing import Any
from urllib.parse import urlsplit

# Seconds. A broker that takes longer counts as away, and what was not sent is sent by a later sweep (law 4).
CONNECT_S, ANSWER_S = 2.0, 2.0


def is_amqp(url: str) -> bool:
    """Whether the broker is RabbitMQ, and not Redis."""
    return urlsplit(url).scheme in {"amqp", "amqps", "pyamqp"}


def transport_options(url: str) -> dict[str, Any]:
    """CELERY_BROKER_TRANSPORT_OPTIONS. A client ignores options of the other kind; RabbitMQ's waits for ever without its own."""
    # A sender does not try again: a later sweep does.
    if is_amqp(url):
        return {
            "connect_timeout": CONNECT_S,
            "read_timeout": ANSWER_S,
            "write_timeout": ANSWER_S,
            "max_retries": 0,
        }
    return {
        "socket_connect_timeout": 1.0,
        "socket_timeout": ANSWER_S,
        "max_retries": 0,
        # A lost wake-up is harmless, so Redis need not be told when one was taken. It must not be, even: each acknowledgement
        # that fails while Redis is away counts as a task in hand for ever, and a busy worker would take no more at all.
        "ack_emulation": False,
    }


def queue_type(url: str) -> str:
    """CELERY_TASK_DEFAULT_QUEUE_TYPE. In a cluster of RabbitMQ a classic queue is away with its node, a quorum queue is not."""
    return "quorum" if is_amqp(url) else "classic"
