"""No way in tells an outsider who is in line: two lines that differ in their guests' names only answer the same to whoever is not
their host, but for the contract's own join (decision 0038). All routes of a line are asked, in Django and before it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.contracts.queueup import Line, http, names, refused
from tests.installation import Stack
from tests.routes import all_routes, filled

NAMES = ("Ben Canary", "Zoe Osprey")
NOTES = ("pram of a canary", "seat by a window")
ROUTES = [route for route in all_routes() if re.search(r"[{:<](code|line)[}>]", route) and "/queue/" in route]
# What is another for each answer or line: ids, times, forms' proofs, QR codes; and how long a body with them is.
OTHERWISE = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\d{13}(?:\.\d+)?|\d\d:\d\d(?::\d\d(?:\.\d+)?)?"
    r"|[A-Za-z0-9]{64}|M\d[ .\dhmv-]{99,}"
)
# What a page gives its forms to prove that they are its own.
PROOF = "p" * 32
# nginx closes a connection after a thousand answers, and says so.
HEADERS_OTHERWISE = {"date", "content-length", "set-cookie", "connection"}


@dataclass
class Twin:
    """A line, and a guest in it who asks."""

    line: Line
    guest: str


def open_twin(stack: Stack, name: str, note: str) -> Twin:
    """Of two parties of this name one is called, the other, renamed, waits; and a guest behind them."""
    line = Line.open(stack)
    called, renamed = line.join(name)["partyId"], line.join("Somebody")["partyId"]
    guest = line.join("Guest", 2)["partyId"]
    line.host("advance")
    # A time that all can see; the next change writes it into the snapshot.
    line.sql("UPDATE queues_party SET call_deadline = '2036-01-01' WHERE id = %s", called)
    line.host("edit", {"partyId": renamed, "name": name, "note": note})
    line.host("walk-in", {"name": "Another", "size": 3})
    line.host("edit", {"partyId": guest, "note": note})
    return Twin(line, guest)


# Who asks: the cookies that a browser brings to a line of which `Twin.guest` is a guest.
WHO: dict[str, Callable[[Twin, Line], str]] = {
    "a passer-by": lambda twin, other: "",
    "a guest who hosts another line": lambda twin, other: "; ".join(
        (
            f"place_{twin.line.code}={twin.guest}",
            f"queue_host_auth={other.token}",
            f"queue_host_{twin.line.code}={other.token}",
        )
    ),
}


def asked(twin: Twin, method: str, route: str, cookie: str, *, name: str, key: str) -> Any:
    """The answer, without what is another each time."""
    line = twin.line
    form = {"name": name, "size": 2, "note": NOTES[0], "partyId": twin.guest, "party": twin.guest, "place": twin.guest}
    form |= {"sessionId": line.session_id, "key": key, "parties": 1, "type": "look"}
    headers = {"origin": line.stack.url(), "cookie": "; ".join(filter(None, [cookie, f"csrftoken={PROOF}"]))}
    url = line.stack.url() + filled(route, code=line.code, line=line.code)
    sent: dict[str, Any] = (
        {"params": {"partyId": twin.guest, "name": name} if cookie else {}} if method == "GET" else {}
    )
    if method == "POST":
        sent = {"content": json.dumps(form)} if "/api/" in route else {"data": {**form, "csrfmiddlewaretoken": PROOF}}
    with http.stream(method, url, headers=headers, **sent) as answer:
        streams = answer.headers.get("content-type", "").startswith("text/event-stream")
        body = "" if streams else answer.read().decode()
    shown = {key: value for key, value in answer.headers.items() if key not in HEADERS_OTHERWISE}
    cookies = sorted(each.partition("=")[0] for each in answer.headers.get_list("set-cookie"))
    whole = json.dumps([answer.status_code, shown, cookies, body])
    # What a host noted of a guest is among the data that the guest may ask for (decision 0088).
    noted = [(note, "NOTE") for note in NOTES if route.endswith("/data")]
    for each, word in ((line.code, "CODE"), (line.token, "TOKEN"), *noted):
        whole = whole.replace(each, word)
    return OTHERWISE.sub("…", whole)


@pytest.mark.parametrize("who", WHO)
def test_what_an_outsider_is_told_does_not_depend_on_who_is_in_line(who: str, stack: Stack, other: Line) -> None:
    twins = [open_twin(stack, name, note) for name, note in zip(NAMES, NOTES, strict=True)]
    assert len(ROUTES) > 40
    # The leave is last: after it the guest is told less.
    for route in sorted(ROUTES, key=lambda route: ("leave" in route, route)):
        for method in ("GET", "POST"):
            if route.endswith("/join") and method == "POST":
                continue  # as the contract has it: below
            key = str(uuid4())
            first, second = (
                asked(twin, method, route, WHO[who](twin, other), name=NAMES[0], key=key) for twin in twins
            )
            assert first == second, f"{method} {route} tells {who} who is in line"
    # Forms were taken: who had no place joined on our page, by a name that is in one of the lines.
    assert (NAMES[0] in names(twins[1].line)) == (who == "a passer-by")


def test_the_contracts_join_alone_tells(stack: Stack) -> None:
    there, elsewhere = (open_twin(stack, name, "").line for name in NAMES)
    refused(there.post("join", {"name": NAMES[0]}), 409, "already in this queue")
    assert elsewhere.join(NAMES[0])["ticket"] == 5
