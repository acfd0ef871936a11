"""Many tabs of one phone on voting pages: one sends, one follows results, all are told."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Response, Route, expect

from tests.browser.pages import ballots, expect_counted, open_poll, vote
from tests.browser.voting_phones import COUNTED, NOT_YET, act, opened, voting
from tests.installation import Stack, wait_until

WATCHED = """() => new MutationObserver((seen) => { window.paints += seen.length; })
    .observe(document.querySelector("[data-pending]"), { attributes: true, childList: true, subtree: true })"""


def test_a_tab_waits_while_another_sends_and_paints_nothing_anew(tabs: BrowserContext, stack: Stack) -> None:
    poll, other = voting(stack, tabs)
    other.evaluate("(poll) => { navigator.locks.request(`tallyline-ballots.${poll}`, () => new Promise(() => {})); }",
                   poll["id"])  # fmt: skip
    phone = tabs.new_page()
    phone.add_init_script(COUNTED)
    phone.goto(f"/vote/{poll['code']}")
    phone.route("**/ballot", lambda route: route.abort())
    vote(phone, "Cake")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    phone.evaluate(f"reads = 0; waits = []; ({WATCHED})()")
    wait_until(lambda: phone.evaluate("waits.filter((ms) => ms > 1_000).length >= 2"), what="two more looks")
    assert phone.evaluate("[reads < 20, paints]") == [True, 0]
    phone.unroute("**/ballot")
    phone.get_by_role("button", name="Try now").click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_news_of_another_tab_end_the_waiting(tabs: BrowserContext, stack: Stack) -> None:
    poll, one = voting(stack, tabs)
    held: list[Route] = []
    one.route("**/ballot", lambda route: held.append(route))
    vote(one, "Cake")
    wait_until(lambda: one.evaluate("1") and held, what="the vote")
    other = opened(tabs, f"/vote/{poll['code']}")
    expect(other.get_by_text(NOT_YET)).to_be_visible()
    held[0].continue_()
    for tab in (one, other):
        expect_counted(tab)
    assert ballots(stack, poll["id"]) == [[1]]


def test_eight_results_that_are_followed_leave_room_for_a_vote(tabs: BrowserContext, stack: Stack) -> None:
    """HTTP/1.1: six connections to a server, for all tabs of a browser."""
    streams: list[str] = []
    tabs.on(
        "request", lambda asked: streams.append(asked.url) if urlsplit(asked.url).path.endswith("/stream") else None
    )
    polls = [open_poll(stack) for _ in range(4)]
    walls = [opened(tabs, f"/vote/{poll['code']}/results") for poll in polls * 2]
    for wall in walls:
        expect(wall.locator("[data-ballots]")).to_have_text("0")
    for poll in polls:
        phone = opened(tabs, f"/vote/{poll['code']}")
        vote(phone, "Cake")
        expect_counted(phone)
        phone.close()
    for wall in walls:
        expect(wall.locator("[data-ballots]")).to_have_text("1")
    assert len(streams) == 1
    # It goes to the next when it is given back.
    first = next(index for index, wall in enumerate(walls) if polls[index % 4]["id"] in streams[0])
    walls[first].close()
    wait_until(lambda: walls[first - 1].evaluate("1") and len(streams) == 2, what="another page's stream")


def test_a_browser_stays_away_from_the_stream_of_a_closed_poll(tabs: BrowserContext, stack: Stack) -> None:
    poll, page = voting(stack, tabs)
    act(stack, poll, "close")
    for path in (f"/api/polls/{poll['id']}/stream", f"/api/vote/{poll['id']}/stream"):
        statuses: list[int] = []

        def note(answer: Response, path: str = path, statuses: list[int] = statuses) -> None:
            if answer.url.endswith(path):
                statuses.append(answer.status)

        page.on("response", note)
        page.evaluate("(path) => { window.source = new EventSource(path); }", path)
        wait_until(lambda: page.evaluate("source.readyState === EventSource.CLOSED"), what="the end of it")
        assert statuses == [200, 204]
