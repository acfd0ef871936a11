"""Guests who come again: the owner's page, and the part of a party's pane."""

from playwright.sync_api import expect

from tests.browser.conftest import TABLET
from tests.browser.gallery.scene import Scene, Steps, walk
from tests.browser.pages import console
from tests.installation import wait_until

# As guests do on their phones.
CHOOSE = """
from queues.contacts import Contact
from reach import commands
for pk, number in {numbers!r}.items():
    commands.choose({line!r}, party_id=pk, contact=Contact(number=number))
print("DONE")
"""


@walk(TABLET, guest=False)
def guest_history(scene: Scene) -> Steps:
    venue = scene.venue("Casa Marina")
    page = venue.owner(scene.open(""), "/venue/guests")
    expect(page.get_by_role("heading", name="Guest history is off")).to_be_visible()
    yield "guests-off", page
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="No guest yet")).to_be_visible()
    line = venue.open("Dinner")
    ids = [line.join(name)["partyId"] for name in ("Ana", "Ben", "Ana María", "Noor")]
    numbers = dict(zip(ids, ("+34612345678", "+34698765432", "+34612345678"), strict=False))
    assert "DONE" in scene.stack.manage("shell", "-c", CHOOSE.format(numbers=numbers, line=line.code)).stdout
    visits = "SELECT 1 FROM guests_visit v JOIN queues_party p ON p.id = v.party_id WHERE p.queue_id = %s"
    wait_until(lambda: len(scene.stack.sql(visits, line.session_id)) == 3, what="the worker to know three guests")
    line.host("serve", {"partyId": ids[0]})
    host = console(scene.open(""), line)
    pane = host.locator("[data-party-pane]")
    host.locator("[data-party]", has_text="Ana María").locator("[data-open]").click()
    expect(pane.get_by_text("1 visit, last on")).to_be_visible()
    pane.get_by_text("Change what we note").click()
    pane.get_by_label("Notes about this guest").fill("Likes the table by the window")
    pane.get_by_label("VIP").check()
    pane.get_by_role("button", name="Save what is noted of #3").click()
    expect(pane.get_by_text("Saved.")).to_be_visible()
    expect(pane.locator("[data-guest] .tag-ok")).to_have_count(1)
    yield "console-guest", host
    pane.get_by_role("button", name="Close").click()
    host.locator("[data-party]", has_text="Noor").locator("[data-open]").click()
    expect(pane.get_by_text("gave no number")).to_be_visible()
    host.goto(f"/queue/{line.code}/host/guest/3")
    host.get_by_text("Change what we note").click()
    expect(host.get_by_label("Notes about this guest")).to_have_value("Likes the table by the window")
    yield "guest", host
    page.goto("/venue/guests")
    expect(page.get_by_text("+34612345678")).to_be_visible()
    page.locator(".more summary").first.click()
    yield "guests", page
    page.get_by_label("Number, name or note").fill("698 76")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1 found.")).to_be_visible()
    assert "698" not in page.url
    yield "guests-found", page
