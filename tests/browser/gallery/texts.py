"""How guests are told: what they choose, the conversation on the console, the owner's pages of ways, costs and webhooks."""

from secrets import randbelow

from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET
from tests.browser.gallery.scene import Scene, SomeVenue, Steps, walk
from tests.browser.text_pages import Telephone, choose_ways, set_up_gateway
from tests.installation import wait_until
from tests.reach.phones.provider import Reply, gateway
from tests.webhooks.receiver import Reply as Refusal
from tests.webhooks.receiver import program

OFFERED = """
from reach import commands
from venues.models import Venue
ways = ["push", "sms", "whatsapp", "email"]
commands.set_channels(venue_id=Venue.objects.get(slug={slug!r}).pk, ways=ways, fallback_s=45)
"""


@walk()
def ways(scene: Scene) -> Steps:
    home = scene.venue("Casa Azul")
    scene.stack.manage("shell", "-c", OFFERED.format(slug=home.slug))
    page = scene.open(f"/queue/{home.open('Dinner').code}")
    page.locator("[name=number]").fill("902 123 456")
    page.locator("form.card button.button-primary").click()
    expect(page.locator(".wrong")).to_be_visible()
    yield "join-number-wrong", page
    page.locator("[name=number]").fill("612 000 333")
    page.locator("[name=email]").fill("ana@example.com")
    page.locator("form.card button.button-primary").click()
    page.locator("[href*='/reach']").click()
    expect(page.locator("[name=first]")).to_be_visible()
    yield "ways", page
    page.locator("[name=email]").fill("ana at example")
    page.locator("form.card").evaluate("form => { form.noValidate = true; }")
    page.locator("form.card button.button-primary").click()
    expect(page.locator(".wrong")).to_be_visible()
    yield "ways-wrong", page


@walk(TABLET, guest=False)
def texting(scene: Scene) -> Steps:
    home = scene.venue("Casa Azul")
    owner = home.owner(scene.open(""), "/venue/reach")
    choose_ways(owner, "Push", "SMS")
    yield "venue-reach", owner
    owner.goto("/venue/sms")
    yield "texts-none", owner
    calls = set_up_gateway(owner, gateway(), cap="0.30")
    owner.goto("/venue/reach")
    yield "venue-reach-texts", owner
    yield from _conversation(scene, home, Telephone(f"+34612{randbelow(10**6):06}", gateway(), calls))
    owner.goto("/venue/sms")
    expect(owner.get_by_text("cost most of what they may")).to_be_visible()
    yield "texts-costs", owner
    gateway().reply = Reply(500)
    for _ in range(2):  # the first is refused by the gateway, the second by the limit
        owner.get_by_label("Your mobile number").fill("612 000 444")
        owner.get_by_role("button", name="Send a test").click()
        expect(owner.get_by_role("status").or_(owner.get_by_role("alert")).first).to_be_visible()
    gateway().reply = Reply()
    yield "texts-failing", owner


def _conversation(scene: Scene, home: SomeVenue, phone: Telephone) -> Steps:
    """From the call to STOP, as the host sees it."""
    line = home.open("Dinner")
    body = {"name": "Ana María", "size": 4, "number": phone.number}
    party = line.post("join", body).json()["partyId"]
    line.join("Noor", 2)
    wait_until(lambda: len(phone.got) == 1, what="the first text")
    line.host("call", {"partyId": party})
    wait_until(lambda: len(phone.got) == 2, what="the call")
    phone.receive()
    phone.write("1")
    phone.write("Is there a high chair? Our little one is two.")
    host = home.tablet(scene.open(""))
    host.goto(f"/queue/{line.code}/host")
    host.locator(".is-called [data-open]").click()
    pane = host.locator("[data-party-pane]")
    pane.get_by_placeholder("In your own words").fill("Yes, it stands at your table")
    pane.get_by_role("button", name="Send to #1").click()
    expect(pane.locator(".talk", has_text="it stands at your table")).to_contain_text("sent, not known")
    pane.locator(".conversation").scroll_into_view_if_needed()
    yield "console-conversation", host
    phone.write("STOP")
    expect(pane.get_by_text("Their number said STOP")).to_be_visible()
    yield "console-stopped", host
    host.goto(f"/queue/{line.code}/host/texts/1")
    yield "conversation", host


@walk(TABLET, guest=False)
def webhooks(scene: Scene) -> Steps:
    home, receiver = scene.venue("Casa Azul"), program()
    receiver.reply, told = Refusal(204), len(receiver.received)
    page = home.owner(scene.open(""), "/venue/webhooks")
    yield "webhooks-none", page
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("What is it for?").fill("Till")
    page.get_by_role("button", name="Add the webhook").click()
    receiver.secrets.append(page.get_by_label("The secret", exact=True).input_value())
    yield "webhook-secret", page
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("button", name="Send a test").click()
    line = home.open("Dinner")
    line.join("Ana")
    wait_until(lambda: len(receiver.received) == told + 3, what="what the till is told")
    receiver.reply, refused = Refusal(500), len(receiver.refused)
    line.host("message", {"text": "The kitchen closes at ten"})
    wait_until(lambda: len(receiver.refused) > refused, what="what the till refuses")
    wait_until(lambda: _reloaded(page).get_by_text("No message was taken since").count(), what="that it is noted")
    yield "webhook-failing", page


def _reloaded(page: Page) -> Page:
    page.reload()
    return page
