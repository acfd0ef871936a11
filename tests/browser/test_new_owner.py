"""Journey 11: from signing up to a venue of one's own, with hours, a logo, a second host, a tablet and a poster."""

import io

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import PHONE, TABLET, Open
from tests.installation import NewStack, Stack, wait_until

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def stack(own_stack: NewStack) -> Stack:
    """An installation where strangers may sign up."""
    return own_stack("owner", 13, SIGN_UP="on").start("web", "worker", "timers")


def logo() -> FilePayload:
    """As a designer sends it."""
    picture = io.BytesIO()
    Image.new("RGBA", (900, 300), "#c2185b").save(picture, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": picture.getvalue()}


def tab(page: Page, name: str) -> None:
    """Goes to one of the venue's pages by their navigation."""
    page.get_by_label("Your venue").get_by_role("link", name=name, exact=True).click()


def test_a_new_owner_sets_up_a_venue_by_its_pages_alone(open_page: Open, stack: Stack) -> None:
    owner = open_page("/", viewport=TABLET, timezone_id="Europe/Madrid")
    owner.get_by_role("link", name="Make your venue").click()
    owner.get_by_label("Name of your venue").fill("Casa Azul")
    expect(owner.get_by_label("Time zone")).to_have_value("Europe/Madrid")
    owner.get_by_label("Your e-mail").fill("ana@example.com")
    owner.get_by_label("Password").fill(PASSWORD)
    owner.get_by_role("button", name="Make the venue").click()

    tab(owner, "Venue")
    owner.locator("input[type=file]").set_input_files(logo())
    owner.locator("form", has=owner.locator("input[type=file]")).get_by_role("button", name="Save").click()
    expect(owner.get_by_alt_text("Your logo")).to_be_visible()

    tab(owner, "Services and hours")
    owner.get_by_role("link", name="New service").click()
    owner.get_by_label("Name").fill("Dinner")
    owner.get_by_label("Friday").fill("17:30–02:00")  # noqa: RUF001  # as a keyboard of a tablet writes it
    owner.get_by_role("button", name="Set it up").click()
    expect(owner.get_by_role("heading", name="Dinner")).to_be_visible()

    tab(owner, "People")
    owner.get_by_label("E-mail").fill("ben@example.com")
    owner.get_by_role("button", name="Invite").click()
    owner.get_by_role("link", name="Mails of this program").click()  # no mail server is set up
    mail = owner.get_by_role("link", name="ben@example.com")
    wait_until(lambda: owner.reload() and mail.count(), what="the mail")
    mail.click()
    link = owner.get_by_role("link", name="invitation").get_attribute("href") or ""
    ben = open_page(link, viewport=PHONE)
    ben.get_by_label("Password").fill(PASSWORD)
    ben.get_by_role("button", name="Make the account").click()
    expect(ben.get_by_text("Casa Azul").first).to_be_visible()

    owner.goto("/venue")
    tab(owner, "Devices")
    owner.get_by_label("What is it called?").fill("Tablet at the door")
    owner.get_by_role("button", name="Show a code").click()
    tablet = open_page("/host-key", viewport=TABLET)
    tablet.get_by_label("The 8 digits").fill(owner.locator(".pairing-digits").inner_text())
    tablet.get_by_role("button", name="Go on").click()

    tab(owner, "Services and hours")
    owner.get_by_role("button", name="Open now").click()
    owner.wait_for_url("**/host")
    guest = open_page("/v/casa-azul", viewport=PHONE)
    guest.get_by_label("Your name").fill("Chloe")
    guest.get_by_role("button", name="Join the line").click()
    expect(guest.get_by_text("Your place in line")).to_be_visible()
    for host in (ben, tablet):
        host.goto("/lines")
        host.get_by_role("link", name="Run the line").click()
        expect(host.get_by_role("button", name="Call next: #1 Chloe")).to_be_visible()

    owner.goto("/venue")
    owner.get_by_role("link", name="Poster to print").click()
    with owner.expect_download() as download:
        owner.get_by_role("link", name="PDF").first.click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
