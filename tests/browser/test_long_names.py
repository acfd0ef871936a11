"""Names of a hundred letters without a space, in every list and page of the admin and on the hosts' own pages."""

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import Open
from tests.installation import FULL, Stack

SIZES = [ViewportSize(width=1024, height=768), ViewportSize(width=390, height=844)]
EMAIL, PASSWORD = "w" * 60 + "@example.com", "correct horse battery"
# Run in the installation: all rows of tests/admin, the names long; in several scripts.
MADE = rf"""
from itertools import count
from tests.admin.conftest import evening
from venues import commands
from venues.models import Venue
letters, numbers = ["W", "\u05d0", "m", "\U0001f469\u200d\U0001f373", "\u6f22"], count()
def named(name, most):
    number = next(numbers)
    letter = letters[number % len(letters)] if most != 60 else "w"
    return f"{{number}}" + letter * ((most - 3) // len(letter))
line = evening(named).line
commands.create_user(email="{EMAIL}", password="{PASSWORD}", is_staff=True, is_superuser=True)
commands.create_host(email="{EMAIL}", venue=line.venue, role="owner")
"""
# How far the page scrolls sideways, and which cells of tables stand beyond the window, or are smaller than their words.
BEYOND = """() => {
    const root = document.documentElement;
    const wrong = [...document.querySelectorAll(".data-row > *")].filter(cell => {
        const box = cell.getBoundingClientRect();
        return box.width && (box.left < 0 || box.right > root.clientWidth + 1
            || cell.scrollWidth > cell.clientWidth + 1 || cell.scrollHeight > cell.clientHeight + 1);
    });
    return [root.scrollWidth - root.clientWidth, [...new Set(wrong.map(cell => cell.dataset.label))]];
}"""


def look(page: Page, path: str, problems: list[str]) -> None:
    """At both sizes; notes what does not fit."""
    answer = page.goto(path, wait_until="load")
    assert answer is not None and answer.ok, path
    # The size of the page before first: each change lays a page out anew.
    for size in SIZES if page.viewport_size == SIZES[0] else SIZES[::-1]:
        if page.viewport_size != size:
            page.set_viewport_size(size)
        over, cut = page.evaluate(BEYOND)
        if over > 0 or cut:
            problems.append(f"{path} at {size['width']}: {over} px wider; cut or beyond the window: {cut}")


@pytest.mark.faults
def test_long_names_push_nothing_off_the_screen(open_page: Open, stack: Stack) -> None:
    """`make test` looks at every list, and at the page of a row of each fourth model; `make faults` at all."""
    stack.manage("shell", "-v0", "-c", MADE)
    page = open_page("/sign-in", viewport=SIZES[0])
    page.locator("[name=username]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("[name=password]").press("Enter")
    problems: list[str] = []
    for number, model in enumerate(admin.site._registry):
        meta = model._meta
        name = f"admin:{meta.app_label}_{meta.model_name}"
        look(page, reverse(f"{name}_changelist"), problems)
        if FULL or number % 4 == 0:
            row = page.locator("#result_list a[href*='/change/']").last.get_attribute("href")
            look(page, row or "", problems)
    [line] = stack.sql(
        "SELECT code, venue_id FROM queues_queue WHERE venue_id IS NOT NULL ORDER BY opened_at DESC LIMIT 1"
    )
    [poll] = stack.sql("SELECT code FROM polls_poll ORDER BY created_at DESC LIMIT 1")
    for path in (
        "/admin/", "/", "/lines", "/venue/services", f"/queue/{line['code']}/host", f"/queue/{line['code']}/report",
        f"/queue/{line['code']}/poster", f"/venue/reports?venue={line['venue_id']}", f"/polls/{poll['code']}/host",
        f"/vote/{poll['code']}", f"/queue/{line['code']}",
    ):  # fmt: skip
        look(page, path, problems)
    assert problems == [], "\n".join(problems)
