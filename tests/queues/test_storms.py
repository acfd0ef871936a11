"""F9: many changes, many sockets, several processes: no state is lost, none runs backwards, none is sent twice."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.contracts.queueup import Line, at_once, guest_view, host_view, public_view
from tests.installation import Stack, wait_until
from tests.queues.line_socket import host_socket, opened

pytestmark = pytest.mark.usefixtures("quiet_logs")

SOCKETS = 200


@pytest.mark.parametrize(
    ("writes", "listens"), [("web", "web2"), ("web2", "web"), ("daphne", "web"), ("web", "daphne")]
)
def test_a_change_in_one_process_is_seen_by_the_others(writes: str, listens: str, site: Stack) -> None:
    here = Line.open(site, writes)
    there = here.at(listens)
    party = here.join("Ada")["partyId"]
    with host_socket(there) as host, opened(there, partyId=party) as guest:
        host.next()
        guest.next()
        before = there.snapshot().headers["etag"]
        here.join("Ben")
        # The other process hears of it over Redis, a moment after the answer.
        wait_until(lambda: there.snapshot().headers["etag"] != before, what="the other process to show it")
        assert there.snapshot().content == here.snapshot().content
        assert guest.next()["queueLength"] == 2
        assert [each["name"] for each in host.next()["queue"]] == ["Ada", "Ben"]
        here.host("advance")
        assert guest.next()["type"] == "called"
        assert guest_view(there, party) == guest_view(here, party)


def test_what_any_process_shows_never_runs_backwards(site: Stack) -> None:
    lines = [Line.open(site)]
    lines += [lines[0].at(server) for server in ("web2", "daphne")]

    def work(index: int) -> list[int]:
        if index < 4:
            for step in range(12):
                lines[index % 3].join(f"Guest {index} {step}")
            return []
        return [public_view(lines[index % 3])["version"] for _ in range(60)]

    for seen in at_once(10, work)[4:]:
        assert seen == sorted(seen)
    # The last join was in one process; the others hear of it a moment later.
    for line in lines:
        wait_until(lambda line=line: public_view(line)["version"] == 49, what="the last join")  # type: ignore[misc]
    final = [line.snapshot() for line in lines]
    assert {answer.content for answer in final} == {final[0].content}
    assert len(final[0].json()["queue"]) == 48


def test_a_socket_hears_newer_and_newer_and_the_newest_at_last(site: Stack) -> None:
    line = Line.open(site, callWindowSeconds=3600)
    party = line.join("Ada")["partyId"]
    other = line.at("web2")
    with host_socket(other) as host, opened(other, partyId=party) as guest:
        host.next()
        at_once(8, lambda index: [line.host("edit", {"partyId": party, "note": f"{index} {i}"}) for i in range(10)])
        at_once(8, lambda index: [(line, other)[index % 2].join(f"Guest {index} {i}") for i in range(5)])
        line.host("edit", {"partyId": party, "name": "Last"})
        final = host_view(line)
        del final["closed"]
        heard = [host.next()]
        while heard[-1] != final:
            heard.append(host.next())
        lengths = [len(message["queue"]) for message in heard]
        host.silent()
        assert lengths == sorted(lengths)
        last = guest_view(line, party)
        told = [guest.next()]
        while told[-1] != last:
            told.append(guest.next())
        places = [message["queueLength"] for message in told]
        assert places == sorted(places)
        assert places[-1] == 41


def test_a_socket_that_is_being_closed_is_told_nothing_more(site: Stack) -> None:
    """Changes that follow a removal at once find sockets on their way out."""
    line = Line.open(site)
    for _ in range(4):
        parties = [line.join()["partyId"] for _ in range(6)]
        sockets = [opened(line, partyId=party) for party in parties]
        listening = [socket.__enter__() for socket in sockets]
        at_once(6, lambda index, parties=parties: line.post("leave", {"partyId": parties[index]}))
        for socket, manager in zip(listening, sockets, strict=True):
            assert socket.until(lambda message: message["type"] != "position") == {"type": "removed", "reason": "left"}
            assert socket.closed() == (1000, "left")
            manager.__exit__(None, None, None)


# ---------------------------------------------------------------------------------------------------------- many sockets
async def hear(socket: ClientConnection, wanted: str) -> dict[str, Any]:
    """The first message of this type."""
    async with asyncio.timeout(20):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if message["type"] == wanted:
                return message


def test_200_sockets_at_once_hear_the_change(site: Stack) -> None:
    line = Line.open(site)
    party = line.join("Ada")["partyId"]
    urls = [line.at(server).socket_url(partyId=party) for server in ("web", "web2")]

    async def all_clients() -> None:
        opening = (connect(urls[index % 2], proxy=None, open_timeout=20) for index in range(SOCKETS))
        sockets = await asyncio.gather(*opening)
        first = await asyncio.gather(*(hear(socket, "position") for socket in sockets))
        assert {message["queueLength"] for message in first} == {1}
        await asyncio.to_thread(line.join, "Ben")
        told = await asyncio.gather(*(hear(socket, "position") for socket in sockets))
        assert {message["queueLength"] for message in told} == {2}
        await asyncio.to_thread(line.host, "close")
        assert await asyncio.gather(*(hear(socket, "closed") for socket in sockets)) == [{"type": "closed"}] * SOCKETS
        await asyncio.gather(*(socket.wait_closed() for socket in sockets))
        assert {socket.close_code for socket in sockets} == {1000}

    asyncio.run(all_clients())
