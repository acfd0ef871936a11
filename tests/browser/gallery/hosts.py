"""The line as its hosts see it: the front page, the console through an evening, poster, report, signing in."""

from playwright.sync_api import expect

from tests.browser.conftest import TABLET
from tests.browser.gallery.scene import Scene, Steps, walk
from tests.browser.pages import console, open_line, sign_in
from tests.installation import ROOT


@walk(TABLET, guest=False)
def opening(scene: Scene) -> Steps:
    page = scene.open()
    yield "home", page
    open_line(page, "Trattoria Bella Vista")
    expect(page.get_by_role("heading", name="Keep this link")).to_be_visible()
    yield "console-empty", page
    page.goto(page.url.replace("/host", "/poster"))
    yield "poster", page


@walk(TABLET, guest=False)
def console_evening(scene: Scene) -> Steps:
    line = scene.line()
    parties = scene.fill(line, 9)
    page = console(scene.open(""), line)
    for party in parties[:2]:
        line.host("call", {"partyId": party})
    line.host("walk-in", {"name": "Mr and Mrs Smith", "size": 2, "note": "by the window, with a high chair"})
    expect(page.locator(".is-called")).to_have_count(2)
    expect(page.get_by_text("Mr and Mrs Smith")).to_be_visible()
    yield "console", page
    page.locator(".waiting-list [data-open]").first.click()
    yield "console-party-open", page
    page.locator("[data-party-pane] [href$='/host/ticket/3']").click()
    expect(page.locator(".pairing-qr")).to_be_visible()
    yield "hand-over", page
    page.get_by_role("link", name="Back to the line").click()
    line.host("message", {"text": "The kitchen closes at ten; we will seat all who wait now."})
    line.host("pause")
    page.locator(".waiting-list [formaction$='/seat']").first.click()
    expect(page.locator(".snack-shown")).to_be_visible()
    yield "console-paused-message-snack", page
    line.host("resume")
    line.host("settings", {"maxGuests": 20})
    expect(page.locator(".state-full")).to_be_visible()
    page.locator(".walk-in-pane > summary").click()
    expect(page.locator("[data-over-capacity]")).to_be_visible()
    yield "console-full", page
    for pane in (".guests-pane > summary", ".code-button", ".menu-button"):
        page.locator(pane).click()
        yield f"console{pane.partition(' ')[0].replace('.', '-')}", page
    page.locator("[data-pane-away]:visible").click()
    page.locator("[data-select]:visible").click()
    page.locator(".row .pick").first.click()
    yield "console-several", page
    page.locator("[data-select-end]").click()
    scene.stack.sql(
        "UPDATE queues_party SET call_deadline = called_at - interval '1 s' WHERE queue_id = %s AND status = 'called'",
        line.session_id,
    )
    page.locator(".ended-pane > summary").click()
    expect(page.locator(".lapsed-list .ended")).to_have_count(2)
    yield "console-ended-by-the-clock", page
    page.context.set_offline(True)
    expect(page.locator("[data-freshness]")).to_be_visible(timeout=20_000)
    yield "console-offline", page
    page.context.set_offline(False)
    page.goto(f"/queue/{line.code}/report")
    yield "report", page
    line.host("close")
    page.goto(f"/queue/{line.code}/host")
    yield "console-closed", page


@walk(TABLET, guest=False)
def console_plain(scene: Scene) -> Steps:
    line = scene.line(3)
    page = console(scene.open_plain(""), line)
    yield "plain-console", page
    page.locator(".row .about").first.click()
    yield "plain-console-party", page


@walk(TABLET, guest=False)
def venue_set_up(scene: Scene) -> Steps:
    home = scene.venue("Trattoria Bella Vista")
    page = home.owner(scene.open(""), "/venue")
    expect(page.get_by_role("heading", name="Name and address")).to_be_visible()
    logo = ROOT / "frontend/public/img/icon-512.png"
    page.get_by_label("Picture").set_input_files(logo)
    page.locator("form[action*='/venue/logo'] .button-primary").click()
    expect(page.get_by_alt_text("Your logo")).to_be_visible()
    yield "venue-set-up", page
    page.get_by_label("Address").fill("Bella Vista!")
    page.locator("form:has([name=slug]) .button-primary").click()
    expect(page.locator(".wrong")).to_be_visible()
    yield "venue-set-up-wrong", page
    page.goto("/venue/services")
    yield "services-none", page
    page.get_by_role("link", name="New service").click()
    page.get_by_label("Name").fill("Dinner")
    page.get_by_label("Tuesday").fill("11:30-14:30, 14-22")
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator(".wrong")).to_be_visible()
    yield "service-wrong", page
    page.get_by_label("Tuesday").fill("11:30-14:30, 17:30-22")
    page.get_by_role("button", name="Set it up").click()
    page.wait_for_url("**/venue/services?*")
    page.get_by_label("Date", exact=True).fill("2030-12-25")
    page.get_by_label("Why").fill("Christmas Day")
    page.get_by_role("button", name="Save the date").click()
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    yield "services", page
    page.goto("/venue/tables")
    page.get_by_label("Tables").fill("1-8, Bar 1-3")
    page.get_by_label("Section").fill("Terrace")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("link", name="Bar 3")).to_be_visible()
    yield "tables", page
    page.get_by_role("link", name="Grid").click()
    yield "tables-grid", page
    page.get_by_role("link", name="Bar 3").click()
    yield "table", page
    page.goto("/venue/keys")
    yield "api-keys", page
    page.get_by_label("What is it for?").fill("Website")
    page.locator("[name=scopes][value=read]").check()
    page.locator("[name=scopes][value=line]").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_label("The new key")).to_be_visible()
    yield "api-key", page
    page.goto("/venue/webhooks")
    page.get_by_label("Address").fill("https://till.example.com/tallyline")
    page.get_by_label("What is it for?").fill("Till")
    page.get_by_text("Only some events").click()
    page.get_by_label("party.joined").check()
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.get_by_label("The secret", exact=True)).to_be_visible()
    page.get_by_role("link", name="I have copied it").click()
    yield "webhook", page
    page.get_by_role("link", name="All webhooks").click()
    yield "webhooks", page
    page.goto("/venue/sms")
    page.get_by_role("radio", name="A gateway of our own").check()
    page.locator("summary", has_text="A gateway of our own").click()
    page.get_by_label("Address of the gateway").fill("https://sms.example.com/send")
    page.get_by_label("Sender of SMS").fill("Casa Azul")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("The secret", exact=True)).to_be_visible()
    page.get_by_role("link", name="I have copied it").click()
    yield "texts", page
    for sheet in ("a4", "tent"):
        page.goto(f"/v/{home.slug}/poster?sheet={sheet}")
        yield f"venue-poster-{sheet}", page


@walk(TABLET, guest=False)
def signed_in(scene: Scene) -> Steps:
    page = scene.open("/sign-in")
    yield "sign-in", page
    sign_in(page, scene.stack)
    yield "lines", page
    page.goto("/healthz/proxy")
    expect(page.locator("[data-check]:not([data-done])")).to_have_count(0)
    yield "proxy", page
    page.goto("/help/proxies")
    yield "proxy-help", page
    page.goto(f"/queue/{scene.line().code}/host")
    yield "forbidden", page
    page.goto("/lines")
    code = open_line(page, "Trattoria Bella Vista")
    page.locator(".walk-in-pane > summary").click()
    page.locator("[data-walk-in] [name=name]").fill("Mr and Mrs Smith")
    page.locator("[data-walk-in] [name=note]").fill("by the window, with a high chair")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Add to the line").click()
    expect(page.locator("[data-access]")).to_be_visible()
    yield "console-signed-out", page
    page.locator("[data-walk-in]").evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    yield "unsent-signed-out", page
    page.goto(f"/queue/{code}/host")
    yield "sign-in-for-hosts", page
    page.context.clear_cookies()
    page.goto(f"/queue/{code}/host#key=cut-off")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "host-key-wrong", page
