"""Voters of a live room over several processes."""

import json
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.contracts.vote_ws import Room, Voter

SERVERS = ("web", "web2", "daphne")


def made_voters(room: Room, count: int) -> list[Voter]:
    """Participants made directly in the database: thousands over HTTP would take too long."""
    code = f"""
import json
from core import clock
from rooms.models import Participant
from rooms.tokens import participant_token
rows = Participant.objects.bulk_create(Participant(room_id="{room.id}", joined_at=clock.now()) for _ in range({count}))
print("MADE", json.dumps([(str(row.pk), participant_token("{room.id}", row.pk)) for row in rows]))
"""
    printed = room.stack.manage("shell", "-c", code).stdout
    return [Voter(*pair) for pair in json.loads(printed.split("MADE", 1)[1])]


def opened_socket(room: Room, voter: Voter, server: str) -> Any:
    """A socket on the event loop that has sent its auth message."""

    class Opened:
        async def __aenter__(self) -> ClientConnection:
            self.inner = connect(
                room.stack.url(server).replace("http", "ws", 1) + "/api/vote_ws/",
                proxy=None, compression=None, open_timeout=30, close_timeout=2, ping_interval=None,
            )  # fmt: skip
            opened = await self.inner.__aenter__()
            await opened.send(json.dumps(room.auth(voter)))
            return opened

        async def __aexit__(self, *problem: Any) -> None:
            await self.inner.__aexit__(*problem)

    return Opened()


def vote_on(value: str) -> str:
    return json.dumps({"vote": {"value": value, "ts": time.time()}})
