"""The ticks that sockets of a room have heard, compared."""

from itertools import pairwise

from tests.contracts.vote_ws import Room, Socket, Tick
from tests.installation import wait_until

SERVERS = ("web", "web2", "web3")


def silence(ticks: list[Tick]) -> int:
    """The longest step between two ticks, in seconds; AssertionError when they are not in order."""
    steps = [after.ts - before.ts for before, after in pairwise(ticks)]
    assert min(steps) > 0, ticks
    return max(steps)


def same_history(room: Room, *sockets: Socket) -> None:
    """Asserts that polling, on every process, and each socket know the same seconds, and a late-comer too."""
    until = max(socket.ticks[-1].ts for socket in sockets)
    with room.socket() as late:
        for socket in (late, *sockets):
            while not socket.ticks or socket.ticks[-1].ts < until:
                socket.hear()
    whole = [tick for tick in late.ticks if tick.ts <= until]
    for socket in sockets:
        first = socket.ticks[0].ts
        assert [tick for tick in socket.ticks if tick.ts <= until] == [tick for tick in whole if tick.ts >= first]
    for server in SERVERS:
        shown = wait_until(lambda server=server: (got := room.history(server))[-1].ts >= until and got)  # type: ignore[misc]
        assert shown[: len(whole)] == whole, server
