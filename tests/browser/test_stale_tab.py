"""A second tab's sign-in makes the first tab's page stale; a session may end. Typed text is kept (decision 0034)."""

from playwright.sync_api import expect

from tests.browser.conftest import TABLET, Open
from tests.browser.console_pages import expect_state, guests_pane, walk_in
from tests.browser.pages import open_line, party, sign_in
from tests.installation import Stack


def test_a_walk_in_that_was_typed_before_a_sign_in_in_a_second_tab_is_added_once(open_page: Open, stack: Stack) -> None:
    # The browser notes the refusal as an error.
    host = open_page(viewport=TABLET, errors_allowed=True)
    open_line(host)
    guests_pane(host).get_by_label("Message").fill("The kitchen closes at ten")
    name, note = walk_in(host).locator("[name=name]"), host.locator("[data-walk-in] [name=note]")
    name.fill("Mr and Mrs Smith")
    note.fill("by the window")

    second = host.context.new_page()
    sign_in(second, stack)
    second.close()

    refused: list[int] = []
    host.on("response", lambda answer: refused.append(answer.status) if answer.url.endswith("/walk-in") else None)
    host.get_by_role("button", name="Add to the line").click()
    expect(party(host, "Mr and Mrs Smith")).to_contain_text("by the window")
    # The form is emptied once the answer is there. The list may hear of the party before that.
    expect(name).to_have_value("")
    assert refused == [403, 200], "the page was stale"
    expect(guests_pane(host).get_by_label("Message")).to_have_value("The kitchen closes at ten")
    host.get_by_role("button", name="Send to all tickets").click()
    expect_state(host, "“The kitchen closes at ten”")
    expect(party(host, "Mr and Mrs Smith")).to_have_count(1)


def test_after_the_sign_in_ended_a_press_is_said_not_to_be_done_and_can_be_repeated(
    open_page: Open, stack: Stack
) -> None:
    host = open_page("", viewport=TABLET, errors_allowed=True)
    sign_in(host, stack)
    open_line(host)
    name = walk_in(host).locator("[name=name]")
    name.fill("Mr and Mrs Smith")
    host.context.clear_cookies(name="sessionid")
    host.get_by_role("button", name="Add to the line").click()
    banner = host.locator("[data-access]")
    expect(banner).to_contain_text("You were signed out. The walk-in was not added.")
    expect(banner.get_by_role("link", name="Sign in")).to_be_visible()
    expect(name).to_have_value("Mr and Mrs Smith")

    second = host.context.new_page()
    sign_in(second, stack)
    second.close()
    host.get_by_role("button", name="Add to the line").click()
    expect(party(host, "Mr and Mrs Smith")).to_have_count(1)
    expect(banner).to_be_hidden()
    expect(name).to_have_value("")
