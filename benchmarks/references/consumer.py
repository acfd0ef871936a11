"""The usual way to serve sockets: a Channels consumer in a group of a Redis channel layer. Environment: REDIS_URL."""

import os
from typing import Any

from django.conf import settings

settings.configure(
    WEB_CONNECTIONS=100_000,  # the server that we ship reads it
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]], "prefix": "bench"},
        }
    },
)

from channels.generic.websocket import AsyncWebsocketConsumer


class Consumer(AsyncWebsocketConsumer):
    """One socket."""

    groups = ["all"]

    async def connect(self) -> None:
        """Says something at once, as ours does."""
        await self.accept()
        await self.send(text_data='{"type":"position","position":1}')

    async def told(self, event: dict[str, Any]) -> None:
        """A group message."""
        await self.send(text_data=event["text"])


application = Consumer.as_asgi()
