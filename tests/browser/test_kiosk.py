"""The tablet at the door in a real browser: one guest after another, and nothing of the one before."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET, Open
from tests.browser.gallery.scene import Scene
from tests.installation import Stack

KEPT = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"


def join(page: Page, name: str) -> None:
    """A guest enters themselves."""
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join the line").click()


def test_guests_come_one_after_another_and_leave_nothing(open_page: Open, stack: Stack) -> None:
    scene = Scene(stack, open_page, viewport=TABLET)
    venue = scene.venue("Casa Verde")
    line = venue.open("Dinner")
    page = venue.tablet(scene.open(""))
    page.goto("/kiosk/start")
    page.get_by_label("PIN").fill("2468")
    page.get_by_role("button", name="Let guests enter themselves").click()
    page.wait_for_url("**/kiosk")
    page.clock.install()

    # No connection: it says so, and keeps what the guest typed.
    page.context.set_offline(True)
    join(page, "Ada")
    expect(page.locator("[data-wrong]")).to_contain_text("not in the line yet")
    assert page.get_by_label("Your name").input_value() == "Ada"
    page.context.set_offline(False)
    join(page, "Ada")
    page.wait_for_url("**/kiosk/ticket")
    expect(page.locator(".place-number")).to_have_text("1")
    of_line = "SELECT p.ticket FROM queues_party p JOIN queues_queue q ON q.id = p.queue_id WHERE q.code = %s"
    assert len(stack.sql(of_line, line.code)) == 1

    # Gone after 15 s, however long the server takes to be reached again.
    expect(page.locator("html")).to_have_attribute("data-scripts", "on")
    page.context.set_offline(True)
    page.clock.fast_forward(15_000)
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.locator(".place-number")).to_have_count(0)
    page.context.set_offline(False)
    page.clock.fast_forward(3_000)
    page.wait_for_url("**/kiosk")

    # The next guest: nothing to go back to, nothing filled in, no cookie but the device's own.
    page.go_back()
    page.wait_for_url("**/kiosk")
    expect(page.get_by_label("Your name")).to_have_value("")
    assert "Ada" not in page.content() + page.evaluate(KEPT)
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert not names & {"kiosk_ticket", "sessionid", f"place_{line.code}"}
    join(page, "Ben")
    page.wait_for_url("**/kiosk/ticket")
    expect(page.locator(".place-number")).to_have_text("2")
    page.get_by_role("link", name="Done").click()
    page.wait_for_url("**/kiosk")

    # A guest who types and walks away is forgotten.
    page.get_by_label("Your name").fill("Cem")
    expect(page.locator("html")).to_have_attribute("data-scripts", "on")
    page.clock.fast_forward(60_000)
    expect(page.get_by_label("Your name")).to_have_value("")

    # Without scripts a ticket goes by a refresh.
    plain = scene.open("", java_script_enabled=False)
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "device_token")
    plain.context.add_cookies([{"name": "device_token", "value": token, "url": stack.url()}])
    plain.goto("/kiosk")
    plain.get_by_role("button", name="Join the line").click()
    plain.wait_for_url("**/kiosk/ticket")
    assert plain.locator('meta[http-equiv="refresh"]').get_attribute("content") == "15; url=/kiosk/next"

    page.get_by_role("link", name="For staff").click()
    page.get_by_label("PIN").fill("2468")
    page.get_by_role("button", name="Run the line here").click()
    page.wait_for_url("**/lines")
