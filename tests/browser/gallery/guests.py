"""The line as its guests see it: the form, the ticket, both without scripts, and the wall."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET
from tests.browser.gallery.scene import WALL, Scene, Steps, walk
from tests.installation import LiveLine

KITCHEN = "The kitchen closes at ten; we will seat all who wait now."


def tell_and_ask(scene: Scene, line: LiveLine, page: Page) -> None:
    """The ticket shows a message to all and a question for the people in this line."""
    line.host("message", {"text": KITCHEN})
    scene.ask(line)
    expect(page.locator("[data-message]")).to_be_visible()
    expect(page.locator("[data-asked]")).to_be_visible()


@walk()
def join(scene: Scene) -> Steps:
    line = scene.line(5, maxGuests=22)
    page = scene.open(f"/queue/{line.code}")
    yield "join", page
    line.host("pause")
    expect(page.locator("[data-now=paused]")).to_be_visible()
    expect(page.locator("[data-wait]")).to_be_hidden()
    yield "join-form-paused", page
    line.host("resume")
    page.locator("form.card").evaluate("form => { form.noValidate = true; }")
    page.locator("[name=size]").fill("0")
    page.locator("form.card button.button-primary").click()
    expect(page.locator(".wrong").first).to_be_visible()
    yield "join-wrong", page
    last = line.join("Zoë", size=7)
    page.goto(f"/queue/{line.code}")
    yield "join-full", page
    page.goto("about:blank")  # between two changes the page might load itself anew
    line.post("leave", {"partyId": last["partyId"]})
    line.host("pause")
    page.goto(f"/queue/{line.code}")
    yield "join-paused", page
    line.host("close")
    expect(page.locator("[data-join=closed]")).to_be_visible()
    yield "join-closed", page


@walk()
def venue(scene: Scene) -> Steps:
    """A page that stays: it shows by itself what opens, fills and closes."""
    home = scene.venue("Café Zoë")
    page = scene.open(f"/v/{home.slug}")
    yield "venue-closed", page
    dinner = home.open("Dinner")
    expect(page.locator(f"form[action='/queue/{dinner.code}']")).to_be_visible(timeout=20_000)
    yield "venue-join", page
    bar = home.open("Bar")
    scene.fill(dinner, 5)
    page.goto(f"/v/{home.slug}")
    expect(page.locator(f"[data-code='{dinner.code}'] [data-waiting]")).to_have_text("5")
    bar.host("pause")
    expect(page.locator(f"[data-code='{bar.code}'] [data-in=paused]")).to_be_visible()
    yield "venue-choose", page
    wall = scene.open(f"/v/{home.slug}/wall", viewport=WALL)
    dinner.host("advance")
    expect(wall.locator(f"[data-code='{dinner.code}'] [data-called] li")).to_have_count(1)
    yield "venue-wall-two-lines", wall
    dinner.host("settings", {"hereOnly": True})
    expect(wall.get_by_text("guests need the code that a host’s screen shows")).to_be_visible(timeout=20_000)
    yield "venue-wall-asks-for-code", wall
    bar.host("close")
    expect(wall.locator(f"[data-line][data-snapshot*='{dinner.code}']")).to_be_visible(timeout=20_000)
    yield "venue-wall", wall
    dinner.host("close")
    expect(wall.locator("[data-codes='']")).to_be_visible(timeout=20_000)
    yield "venue-wall-closed", wall


@walk()
def ticket(scene: Scene) -> Steps:
    line = scene.line(6)
    page, party = scene.guest_in(line)
    expect(page.locator("[data-position]")).to_be_visible()
    yield "ticket", page
    page.locator("[data-sound]").click()
    page.locator("[data-nearby-form] button").click()
    expect(page.locator("[data-nearby-done]")).to_be_visible()
    yield "ticket-nearby-and-ringing", page
    tell_and_ask(scene, line, page)
    yield "ticket-message-and-question", page
    line.join("Ada's friends")
    page.locator("[data-let-pass]").click()
    expect(page.locator("[data-let-pass-dialog]")).to_be_visible()
    yield "ticket-let-pass", page
    page.locator("[data-let-pass-dialog] [data-stay]").click()
    page.locator("[data-leave]").click()
    expect(page.locator("[data-leave-dialog]")).to_be_visible()
    yield "ticket-leave", page
    page.locator("[data-leave-dialog] [data-stay]").click()
    page.context.set_offline(True)
    expect(page.locator("[data-freshness]")).to_be_visible()
    yield "ticket-offline", page
    page.context.set_offline(False)


@walk()
def ticket_called(scene: Scene) -> Steps:
    line = scene.line(1)
    page, party = scene.guest_in(line)
    line.host("call", party)
    expect(page.locator("[data-countdown]")).to_be_visible()
    yield "ticket-called", page
    tell_and_ask(scene, line, page)
    yield "ticket-called-message-and-question", page
    page.locator("[data-more-form] button").click()
    expect(page.locator("[data-more=asked]")).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator("[data-freshness]")).to_be_visible()
    yield "ticket-called-more-time-offline", page
    page.context.set_offline(False)


@walk()
def ticket_ended(scene: Scene) -> Steps:
    """Each of them can come back."""
    line = scene.line(1)
    page, party = scene.guest_in(line)
    line.host("call", party)
    for action, state in (("no-show", "no-show"), ("kick", "removed"), ("serve", "served")):
        line.host(action, party)
        expect(page.locator(f"body.is-{state.replace('-', '_').replace('removed', 'kicked')}")).to_be_visible()
        yield f"ticket-{state}", page
        line.host("undo")
        expect(page.locator("body.is-called")).to_be_visible()
    line.host("put-back", party)
    line.post("leave", party)
    expect(page.locator("body.is-left")).to_be_visible()
    yield "ticket-left", page
    page.goto(f"/queue/{line.code}")
    yield "join-again", page
    page.goto(f"/queue/{line.code}/look")
    line.host("put-back", party)
    expect(page.locator("body.is-waiting")).to_be_visible()
    line.host("close")
    expect(page.locator("body.is-closed")).to_be_visible()
    yield "ticket-line-closed", page


@walk()
def notifications(scene: Scene) -> Steps:
    """What the ticket says of them. The parts are shown one by one: which is true here is up to the browser."""
    page, _ = scene.guest_in(scene.line(2))
    for part in ("explain", "home", "on", "checking", "lost", "blocked", "failed"):
        page.evaluate(
            """part => {
                window.offered ??= document.querySelector("[data-push]");
                const shown = offered.cloneNode(true);
                for (const each of [...shown.children]) {
                    each.hidden = false;
                    if (!each.matches(part)) each.remove();
                }
                shown.hidden = false;
                document.querySelector("[data-push]").replaceWith(shown);
            }""",
            f"[data-push-{part}]",
        )
        yield f"ticket-push-{part}", page


@walk()
def plain(scene: Scene) -> Steps:
    """A phone whose browser runs no scripts."""
    line = scene.line(4)
    page = scene.open_plain(f"/queue/{line.code}")
    yield "plain-join", page
    page.locator("form.card button.button-primary").click()
    expect(page.locator("[data-position]")).to_be_visible()
    line.join("Ada's friends")
    page.reload()
    yield "plain-ticket", page
    page.locator("[data-let-pass]").click()
    yield "plain-let-pass", page
    page.goto(f"/queue/{line.code}/leave")
    yield "plain-leave", page
    poll = scene.poll()
    scene.votes(poll, 14, 9, 5)
    page.goto(f"/vote/{poll['code']}")
    page.locator("a[href$='/own']").first.click()  # browsers follow the refresh, which is left out here
    page.wait_for_url("**/own")
    yield "plain-vote", page
    page.locator("[name=choices]").first.check()
    page.locator("[data-send]").click()
    expect(page.locator(".counted")).to_be_visible()
    yield "plain-counted", page


@walk(WALL)
def line_wall(scene: Scene) -> Steps:
    line = scene.line()
    page = scene.open(f"/queue/{line.code}/wall")
    yield "line-wall-empty", page
    parties = scene.fill(line, 9)
    for party in parties[:2]:
        line.host("call", {"partyId": party})
    expect(page.locator("[data-called] > li:visible")).to_have_count(2)
    yield "line-wall", page
    for party in parties[2:7]:
        line.host("call", {"partyId": party})
    line.host("message", {"text": KITCHEN})
    line.host("pause")
    expect(page.locator("[data-message]")).to_be_visible()
    expect(page.locator("[data-called] > li:visible")).to_have_count(7)
    yield "line-wall-message-paused", page
    page.context.set_offline(True)
    expect(page.locator("[data-freshness]")).to_be_visible()
    yield "line-wall-offline", page
    page.context.set_offline(False)
    line.host("close")
    expect(page.locator("[data-state=closed]")).to_be_visible()
    yield "line-wall-closed", page


@walk(TABLET)
def kiosk(scene: Scene) -> Steps:
    venue = scene.venue("Trattoria Bella Vista")
    page = venue.tablet(scene.open(""))
    page.goto("/kiosk/start")
    page.get_by_label("PIN").fill("12")
    page.locator("form .button-primary").click()
    expect(page.locator(".wrong")).to_be_visible()
    yield "kiosk-start", page
    page.get_by_label("PIN").fill("2468")
    page.locator("form .button-primary").click()
    page.wait_for_url("**/kiosk")
    yield "kiosk-closed", page
    line = venue.open("Dinner")
    scene.fill(line, 4)
    expect(page.locator("[data-join]")).to_be_visible()
    yield "kiosk", page
    page.locator("[data-join] .button-primary").click()
    page.wait_for_url("**/kiosk/ticket")
    yield "kiosk-ticket", page
    page.locator("[data-done]").click()
    page.wait_for_url("**/kiosk")
    page.context.set_offline(True)
    page.locator("[data-join] .button-primary").click()
    expect(page.locator("[data-wrong]")).to_be_visible()
    expect(page.locator("[data-offline]")).to_be_visible()
    yield "kiosk-offline", page
    page.context.set_offline(False)
    venue.open("Bar")
    page.goto("/kiosk")
    yield "kiosk-several", page
    page.goto("/kiosk/leave")
    page.get_by_label("PIN").fill("1111")
    page.locator("form .button-primary").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "kiosk-leave", page
    page.context.clear_cookies(name="device_token")
    page.goto("/kiosk")
    yield "kiosk-over", page
