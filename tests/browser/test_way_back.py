"""The link that a host keeps, in a browser: shown once, copied, and opened on another device (decision 0037)."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.console_pages import menu
from tests.browser.pages import open_line


def test_the_link_is_kept_and_opens_the_console_on_another_device(open_page: Open) -> None:
    host = open_page(viewport=TABLET, errors_allowed=True)  # the list is refused while the token is being renewed
    code = open_line(host)
    field = host.get_by_label("Link to this page for hosts")
    link = field.input_value()
    assert re.search(rf"/queue/{code}/host#key=[\w.-]+$", link)
    host.get_by_role("button", name="Copy").click()
    expect(host.get_by_text("Copied. Now send it to yourself.")).to_be_visible()
    host.get_by_role("button", name="I have kept it").click()
    expect(host.get_by_role("heading", name="Keep this link")).to_have_count(0)
    expect(host.locator("[data-console]")).to_be_visible()
    menu(host).get_by_text("Other devices", exact=True).click()
    host.get_by_role("link", name="Show the link").click()
    expect(field).to_have_value(link)

    phone = open_page(link, viewport=PHONE, errors_allowed=True)
    expect(phone.locator("[data-console]")).to_be_visible()
    assert phone.url.endswith(f"/queue/{code}/host"), "the key is out of the address"

    # A host who opens it again: nothing is left in the address, and nothing asked.
    phone.goto(link)
    expect(phone.locator("[data-console]")).to_be_visible()
    phone.wait_for_function("location.hash === ''")

    # Ended elsewhere since: said plainly.
    menu(host).get_by_text("Other devices", exact=True).click()
    host.get_by_role("button", name="End access on other devices").click()
    host.wait_for_url(f"**/queue/{code}/host")
    expect(host.get_by_role("heading", name="Keep this link")).to_be_visible()
    assert field.input_value() != link
    late = open_page("", viewport=PHONE, errors_allowed=True)
    late.goto(link)
    expect(late.get_by_role("alert")).to_contain_text("Nothing opens with this link")
    assert "key=" not in late.url
