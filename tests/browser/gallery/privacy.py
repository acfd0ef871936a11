"""What is kept of guests: the guest's page and its end, a host's page of one guest, the owner's page."""

from playwright.sync_api import expect

from tests.browser.conftest import TABLET
from tests.browser.gallery.scene import Scene, Steps, walk


@walk()
def guests_data(scene: Scene) -> Steps:
    line = scene.stack.open_line(eventName="Dinner")
    page = scene.open(f"/queue/{line.code}")
    page.get_by_label("Name").fill("Ana María")
    page.get_by_role("button", name="Join the line").click()
    page.get_by_role("link", name="Your data").click()
    expect(page.get_by_role("heading", name="What is kept of ticket 1")).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("button", name="Download all of it").click()
    assert file.value.suggested_filename == f"tallyline-{line.code}-1.json"
    yield "data", page
    page.get_by_role("link", name="Erase it").click()
    expect(page.get_by_role("heading", name="Erase your data?")).to_be_visible()
    yield "data-erase", page
    page.get_by_role("button", name="Erase it").click()
    expect(page.get_by_text("Nothing personal is kept any more.")).to_be_visible()
    assert "Ana María" not in page.content()
    yield "data-erased", page


@walk(TABLET, guest=False)
def privacy(scene: Scene) -> Steps:
    venue = scene.venue("Casa Olvido")
    line = venue.open("Dinner")
    line.join("Ana María")
    page = venue.owner(scene.open(""), "/venue/privacy")
    page.get_by_label("Days after the line is closed").fill("14")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Guests are kept for 14 days now.")).to_be_visible()
    yield "privacy", page
    page.get_by_label("Code of the line").fill(line.code)
    page.get_by_label("Ticket").fill("1")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Data of ticket #1")).to_be_visible()
    yield "guest-data", page
    page.get_by_label("Why?").select_option(label="Entered by mistake")
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_text("All that was personal of #1 is erased.")).to_be_visible()
    yield "guest-data-erased", page
