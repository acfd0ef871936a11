"""Every route in every spelling: however an id or a code is written in a path, the answer is the same, so is the limit, and no
page of another origin gets in. A route without a limit is in the list of those that need none, with the reason.

The routes come from Django's URLconf and the table of hot paths (tests/routes.py), so that a new one is asked for its limit.
"""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from config.edge import ROUTES
from core.api_paths import is_api
from realtime.routes import Limit
from tests.config import every_route
from tests.config.every_route import COSTLY, FOREIGN, FREE, Program, fill, operations, plain, some, spellings
from tests.installation import NewStack, wait_until


@pytest.fixture(scope="module")
def program(own_stack: NewStack) -> Iterator[Program]:
    """The program with limits on."""
    stack = own_stack("routes", 14, RATE_LIMITS="on").start("web")
    with httpx.Client(base_url=stack.url(), timeout=30) as client:
        yield every_route.program_of(stack, client)


def needs_proof(status: int, at: str) -> bool:
    """Whether a stranger was refused before anything was done."""
    return status in {401, 403} or at == "/sign-in"


def origin_problem(program: Program, method: str, route: str, path: str) -> str:
    """What is wrong when a page of another origin asks: APIs refuse all of it, pages what changes something."""
    if not is_api(route) and method == "GET":
        return ""
    status, _ = program.ask(method, route, path, Origin=FOREIGN)
    allowed = {403} if is_api(route) else {403, 404, 405}
    return "" if status in allowed else f"{method} {path!r} from another origin: {status}"


@pytest.mark.faults
def test_every_spelling_of_every_route_is_answered_limited_and_guarded_alike(program: Program) -> None:
    wrong, limited = [], set()
    for method, route in operations():
        values = program.values(route)
        path, name = fill(route, values), f"{method} {route}"
        program.reset()
        status, at = program.ask(method, route, path)
        if status == 405 or status == 404 and method != "GET":
            continue
        assert status < 500, (name, status)
        program.spend()
        may_be_free = needs_proof(status, at) or name in FREE or name in COSTLY
        spent = program.ask(method, route, path)[0] if may_be_free else program.settled(method, route, path, 429)
        if spent == 429:
            limited.add(name)
        elif not may_be_free:
            wrong.append(f"{name} has no limit and no reason ({status})")
        wrong.append(origin_problem(program, method, route, path))
        for spelled in some(route, values):
            if (answered := program.settled(method, route, spelled, spent)) != spent:
                wrong.append(f"{name} as {spelled!r}: {answered}, not {spent}, once the limit is spent")
            wrong.append(origin_problem(program, method, route, spelled))
        program.reset()
        for spelled in some(route, values):
            if (answer := program.ask(method, route, spelled)) != (status, at):
                wrong.append(f"{name} as {spelled!r}: {answer}, not {(status, at)}")
    assert not any(wrong), "\n".join(filter(None, wrong))
    assert not limited & set(FREE), "these have a limit"


def test_a_parameter_that_makes_a_path_costly_is_limited(program: Program) -> None:
    counted_by_views = {
        f"{route.method} {plain(route.path)}"
        for route in ROUTES
        if isinstance(route.limit, Limit) and route.limit.by_view and route.method == "GET"
    }
    assert counted_by_views == set(COSTLY)
    for name, query in COSTLY.items():
        method, route = name.split()
        path = fill(route, program.values(route))
        program.reset()
        assert program.send(method, quote(path) + query)[0] == 200, path
        program.spend()
        for each in [path, *spellings(route, program.values(route))]:
            wait_until(lambda each=each: program.send(method, quote(each) + query)[0] == 429, what=each)  # type: ignore[misc]  # noqa: B023


def test_sockets_know_one_path_for_one_thing(own_stack: NewStack) -> None:
    stack = own_stack("sockets", 15, RATE_LIMITS="on").start("web")
    base = stack.url()
    poll = stack.open_poll()["id"]
    line = stack.open_line().code
    party = httpx.post(f"{base}/api/queue/{line}/join", json={}).json()["partyId"]

    def opened(path: str) -> int:
        try:
            with connect(base.replace("http", "ws") + quote(path, safe="/?=")):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    for path in spellings("/api/polls/{}/connect", [poll]):
        assert opened(path) == 101, path
    for path in spellings("/api/queue/{}/connect", [line]):
        assert opened(path) == 401, path
    for spelled in [party, *(path[1:] for path in spellings("/{}", [party]) if not path.endswith("/"))]:
        assert opened(f"/api/queue/{line}/connect?partyId={spelled}") == 101, spelled
        snapshot = httpx.get(f"{base}/api/queue/{line}/snapshot", params={"partyId": spelled})
        assert (snapshot.status_code, snapshot.json().get("position")) == (200, 1), spelled
