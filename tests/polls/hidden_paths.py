"""Every path on which a poll's counts could be seen, and what a person sees there."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.contracts import sse
from tests.contracts.queueup import http
from tests.polls.running_poll import LivePoll, counts, refusal, socket_at

REFUSED = {"other key of the venue", "key of elsewhere", "wrong token"}


Person = dict[str, str]


# ----------------------------------------------------------------------------------------------------------------- paths
@dataclass(frozen=True)
class Seen:
    """What one person was told on one path: the counts, None each where hidden; and everything that was said."""

    status: int
    counts: Any = None
    all: Any = None


def by_http(poll: LivePoll, path: str, server: str, person: Person) -> Any:
    return http.get(poll.stack.url(server) + path.format(id=poll.id, code=poll.code), headers=person)


def own(path: str) -> Callable[..., Seen]:
    """Results or the JSON export of our own API."""

    def look(poll: LivePoll, server: str, person: Person) -> Seen:
        answer = by_http(poll, path, server, person)
        view = answer.json()
        return Seen(200, counts(view), view) if answer.status_code == 200 else Seen(answer.status_code)

    return look


def old_export(poll: LivePoll, server: str, person: Person) -> Seen:
    answer = by_http(poll, "/api/vote/{id}/export?format=json", server, person)
    if answer.status_code != 200:
        return Seen(answer.status_code)
    view = answer.json()
    return Seen(200, [choice["voteCount"] for choice in view["choices"]], view)


def table(path: str) -> Callable[..., Seen]:
    """A CSV export."""

    def look(poll: LivePoll, server: str, person: Person) -> Seen:
        answer = by_http(poll, path, server, person)
        if answer.status_code != 200:
            return Seen(answer.status_code)
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        return Seen(200, [int(row[1]) if row[1] else None for row in rows[1:]], rows)

    return look


def edge(path: str) -> Callable[..., Seen]:
    """The contract's public views: what a stranger may see, for all clients."""

    def look(poll: LivePoll, server: str, person: Person) -> Seen:
        answer = by_http(poll, path, server, person)
        view = answer.json()
        found = [view["choices"][number]["count"] for number in "01"]
        assert found == [None, None] or "results" not in path or view["shardStates"]
        assert found != [None, None] or not view.get("shardStates")
        return Seen(200, found, view)

    return look


def stream(path: str, first: Callable[[Any], Any]) -> Callable[..., Seen]:
    """The first message of an SSE stream."""

    def look(poll: LivePoll, server: str, person: Person) -> Seen:
        url = poll.stack.url(server) + path.format(id=poll.id)
        with sse.answered(url, person) as answer:
            if answer.status_code != 200:
                return Seen(answer.status_code)
            message = sse.Stream(answer).next()
        return Seen(200, first(message.json), [message.json, message.id])

    return look


def socket(poll: LivePoll, server: str, person: Person) -> Seen:
    if REFUSED & {person.get("is", "")}:
        return Seen(refusal(poll.socket_url(server), person))
    with socket_at(poll.socket_url(server), person) as following:
        view = following.next()
    return Seen(200, counts(view), view)


PATHS: dict[str, Callable[..., Seen]] = {
    "results": own("/api/polls/{id}/results"),
    "results by code": own("/api/polls/{code}/results"),
    "exact results": own("/api/polls/{id}/results?cache=false"),
    "export": own("/api/polls/{id}/export?format=json"),
    "csv": table("/api/polls/{id}/export?format=csv"),
    "old export": old_export,
    "old csv": table("/api/vote/{id}/export?format=csv"),
    "stream": stream("/api/polls/{id}/stream", counts),
    "session stream": stream(
        "/api/vote/{id}/stream", lambda message: [choice["voteCount"] for choice in message["data"]["choices"]]
    ),
    "socket": socket,
    **{
        f"{path} as {limit}": look(f"/api/polls/{{id}}/{path}as={limit}")
        for path, look in (("results?", own), ("results?cache=false&", own), ("export?format=csv&", table))
        for limit in ("public", "voter")
    },
    **{f"stream as {limit}": stream(f"/api/polls/{{id}}/stream?as={limit}", counts) for limit in ("public", "voter")},
    "edge": edge("/poll/{id}"),
    "exact edge": edge("/poll/{id}?cache=false"),
    "edge results": edge("/poll/{id}/results"),
    "exact edge results": edge("/poll/{id}/results?cache=false"),
}
