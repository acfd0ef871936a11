"""What hosts and guests do in the pages, by what they see there."""

import re

from playwright.sync_api import Locator, Page, expect


def open_line(host: Page, name: str = "Friday dinner") -> str:
    """Journey 1: the form on the front page; the code of the line."""
    host.get_by_label("Name of the line").fill(name)
    host.get_by_role("button", name="Open the line").click()
    expect(host).to_have_url(re.compile(r"/queue/\w{6}/host$"))
    return host.url.split("/")[-2]


def join(guest: Page, name: str = "", size: int = 2) -> None:
    """Journey 2: the form that a QR code leads to."""
    guest.get_by_label("Your name").fill(name)
    for _ in range(size - 2):
        guest.get_by_role("button", name="One more").click()
    guest.get_by_role("button", name="Join the line").click()
    expect(guest.locator("[data-position]")).to_be_visible()


def party(host: Page, name: str) -> Locator:
    """A party's row in the console."""
    return host.locator("li[data-party]", has_text=name)


def expect_place(guest: Page, number: int, wait: str) -> None:
    """What a waiting guest's page says."""
    expect(guest.locator("[data-position]")).to_have_text(str(number))
    expect(guest.locator("[data-range]")).to_have_text(wait)


def assert_fits(page: Page) -> None:
    """No wider than the screen; every control at least 44 px high."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([type=hidden]), select, summary, .button, .nav-link")]
            .filter((each) => each.offsetParent)
            .map((each) => each.closest("label.option, label.check-line") ?? each)  // the whole row is tapped
            .filter((each) => each.getBoundingClientRect().height < 43.5)
            .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert small == [], page.url
