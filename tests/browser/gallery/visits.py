"""The question after a visit: on the ticket, its page, and what the owner sees."""

from playwright.sync_api import expect

from tests.browser.gallery.scene import Scene, Steps, walk

ASKED = """
from core import clock
from outbox import work
from outbox.models import Effect
from queues import commands
from queues.models import Party
from venues import commands as venues
from venues.models import Venue
venues.change_venue(venue_id=Venue.objects.get(slug={slug!r}).pk, ask_after_min=60)
party = Party.objects.get(pk={party!r})
commands.serve(party.queue_id, party_id=party.pk)
Party.objects.filter(pk=party.pk).update(ask_at=clock.now())
commands.ask_about_visit(party.queue_id, party_id=party.pk)
for effect in Effect.objects.filter(name="analytics", status="pending"):
    work.perform(effect.pk)
"""


@walk()
def visit(scene: Scene) -> Steps:
    home = scene.venue("Casa Azul")
    page, party = scene.guest_in(home.open("Dinner"))
    scene.stack.manage("shell", "-c", ASKED.format(slug=home.slug, party=party["partyId"]))
    page.reload()
    expect(page.locator("[data-visit-new]")).to_be_visible()
    yield "ticket-asked", page
    page.locator("[data-visit]").click()
    expect(page.locator("fieldset.ticks")).to_be_visible()
    yield "visit", page
    page.locator("form.card").evaluate("form => { form.noValidate = true; }")
    page.locator("form.card button.button-primary").click()
    expect(page.locator(".wrong")).to_be_visible()
    yield "visit-wrong", page
    page.locator("[name=answer][value='4']").check()
    page.locator("[name=words]").fill("Lovely soup; a little loud at our table.")
    page.locator("form.card button.button-primary").click()
    expect(page.locator("[data-visit-answered]")).to_be_visible()
    yield "ticket-answered", page


@walk(guest=False)
def answers(scene: Scene) -> Steps:
    home = scene.venue("Casa Azul")
    guest, party = scene.guest_in(home.open("Dinner"))
    scene.stack.manage("shell", "-c", ASKED.format(slug=home.slug, party=party["partyId"]))
    guest.goto(guest.url.partition("/ticket")[0] + "/visit")
    guest.locator("[name=answer][value='4']").check()
    guest.locator("[name=words]").fill("Lovely soup; a little loud at our table.")
    guest.locator("form.card button.button-primary").click()
    expect(guest.locator("[data-visit-answered]")).to_be_visible()
    page = home.owner(scene.open(""), "/venue#after")
    expect(page.get_by_label("Minutes after seating")).to_have_value("60")
    yield "venue-after", page
    page.goto("/venue/reports")
    expect(page.get_by_role("heading", name="How their visit was")).to_be_visible()
    yield "reports-answers", page
