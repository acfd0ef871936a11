"""B6 and the call itself in real browsers: letting others pass, more time, the full screen, the sound, installing."""

import re

from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.browser.conftest import TABLET, Open
from tests.browser.pages import assert_fits, console, expect_place, join
from tests.installation import LiveLine, Stack

SMALL: ViewportSize = {"width": 360, "height": 640}
# A stand-in for the speaker: what was to be heard, and whether it was switched off.
SPEAKER = """window.heard = [];
class Node { constructor() { this.gain = { value: 1 }; this.frequency = { value: 0 }; }
  connect() {} stop() {} disconnect() { heard.push("cut"); } start() { heard.push(this.frequency.value); } }
window.AudioContext = class extends EventTarget { currentTime = 0; state = "suspended"; close = async () => {};
  resume = async () => { this.state = "running"; this.dispatchEvent(new Event("statechange")); };
  createGain = () => new Node(); createOscillator = () => new Node(); };"""


def called(guest: Page, line: LiveLine) -> None:
    """The host calls the guest of this page."""
    line.host("call", {"partyId": guest.url.partition("#place=")[2]})
    expect(guest.get_by_text("It’s your turn")).to_be_visible()


def seconds_left(guest: Page) -> int:
    """What the countdown says."""
    minutes, seconds = guest.locator("[data-countdown]").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def test_more_time_is_asked_on_the_phone_and_given_on_the_tablet(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    host = console(open_page("", viewport=TABLET), line)
    guest = open_page(f"/queue/{line.code}")
    join(guest, "Ana")
    host.get_by_role("button", name="Call next: #1 Ana (2)").click()
    expect(guest.get_by_text("It’s your turn")).to_be_visible()
    guest.get_by_role("button", name="I need more time").click()
    expect(guest.get_by_text("You asked the host for more time. The clock runs until they answer.")).to_be_visible()
    expect(guest.get_by_role("button", name="I need more time")).to_be_hidden()
    expect(host.locator(".is-called").get_by_text("asks for more time")).to_be_visible()
    assert seconds_left(guest) < 130, "asking alone gives nothing"

    host.get_by_role("button", name="+2 min").click()
    expect(guest.get_by_text("The host gave you more time.")).to_be_visible()
    expect(guest.locator("[data-countdown]")).to_have_text(re.compile("^3:"))
    expect(host.locator(".is-called").get_by_text("asks for more time")).to_have_count(0)
    guest.reload()
    expect(guest.get_by_text("The host gave you more time.")).to_be_visible()
    host.get_by_role("button", name="Undo: gave #1 more time").click()
    expect(guest.get_by_text("You asked the host for more time")).to_be_visible()
    assert seconds_left(guest) < 130


def test_a_guest_lets_others_pass_and_may_think_again(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}")
    join(guest, "Ana")
    let_pass = guest.get_by_role("link", name="Let one party pass")
    expect(let_pass).to_be_hidden()
    for name in ("Ben", "Cem", "Dia"):
        line.join(name)
    let_pass.click()
    guest.get_by_role("link", name="Keep my place").click()
    expect_place(guest, 1)
    let_pass.click()
    dialog = guest.get_by_role("dialog")
    dialog.get_by_role("button", name="One more").click()
    assert_fits(guest)
    dialog.get_by_role("button", name="Let them pass").click()
    expect(dialog).to_be_hidden()
    expect_place(guest, 3)
    assert [each["name"] for each in line.snapshot(host=True).json()["queue"]] == ["Ben", "Cem", "Ana", "Dia"]
    line.host("kick", {"partyId": line.snapshot(host=True).json()["queue"][3]["id"]})
    expect(let_pass).to_be_hidden()


def test_letting_pass_without_network_is_said_and_done_once(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}", errors_allowed=True)
    join(guest, "Ana")
    for name in ("Ben", "Cem", "Dia"):
        line.join(name)
    let_pass, dialog = guest.get_by_role("link", name="Let one party pass"), guest.get_by_role("dialog")
    let_pass.click()
    guest.context.set_offline(True)
    dialog.get_by_role("button", name="Let them pass").click()
    expect(dialog.get_by_text("No answer yet: no connection.")).to_be_visible()
    guest.context.set_offline(False)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    guest.route("**/let-pass", lose_the_answer)
    dialog.get_by_role("button", name="Let them pass").click()
    expect_place(guest, 2)
    expect(dialog.get_by_text("No answer yet: no connection.")).to_be_visible()
    guest.unroute("**/let-pass")
    dialog.get_by_role("button", name="Let them pass").click()
    expect(dialog).to_be_hidden()
    expect_place(guest, 2)
    let_pass.click()
    dialog.get_by_role("button", name="Let them pass").click()
    expect_place(guest, 3)


def test_a_refusal_is_said_where_the_button_is(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}", errors_allowed=True)
    join(guest, "Ana")
    ben = line.join("Ben")
    guest.get_by_role("link", name="Let one party pass").click()
    guest.route("**/snapshot", lambda route: route.abort())
    line.post("leave", {"partyId": ben["partyId"]})
    guest.get_by_role("button", name="Let them pass").click()
    expect(guest.get_by_role("dialog").get_by_text("Nobody is behind you in the line.")).to_be_visible()


def test_a_call_fills_the_phones_screen(open_page: Open, stack: Stack) -> None:
    line = stack.open_line(eventName="Donaudampfschifffahrtsgesellschaft")
    guest = open_page(f"/queue/{line.code}", viewport=SMALL)
    join(guest, "x" * 40)
    called(guest, line)
    assert_fits(guest)
    for scheme in ("light", "dark"):
        guest.emulate_media(color_scheme=scheme)
        ground = guest.evaluate("getComputedStyle(document.body).backgroundColor")
        ink = guest.evaluate("getComputedStyle(document.querySelector('[data-countdown]')).color")
        assert contrast(ground, ink) >= 4.5
    assert guest.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0, "all of it without scrolling"
    assert guest.evaluate("document.querySelector('[data-countdown]').getBoundingClientRect().height") >= 80
    main = guest.get_by_role("button", name="On my way").bounding_box()
    other = guest.get_by_role("button", name="I need more time").bounding_box()
    assert main and other and main["height"] >= 60 and main["y"] < other["y"]
    expect(guest.get_by_role("link", name="Tallyline")).to_be_hidden()
    guest.get_by_role("link", name="Leave the line").click()
    expect(guest.get_by_role("dialog").get_by_role("button", name="Leave the line")).to_be_visible()


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours as browsers write them."""

    def luminance(colour: str) -> float:
        channels = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
        linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_it_rings_only_for_who_tapped_sound_and_until_they_answer(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest, silent = open_page(""), open_page("")
    for page in (guest, silent):
        page.add_init_script(SPEAKER)
        page.goto(f"/queue/{line.code}")
        join(page)
    guest.get_by_role("button", name="Ring when it’s my turn").click()
    expect(guest.get_by_role("button", name="This page will ring. Keep it open.")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert len(guest.evaluate("heard")) == 1, "a short proof"
    called(guest, line)
    called(silent, line)
    assert len([tone for tone in guest.evaluate("heard") if tone != "cut"]) > 3
    assert silent.evaluate("heard") == []
    before = guest.evaluate("heard.length")
    guest.get_by_role("button", name="On my way").click()
    expect(guest.get_by_text("The host knows that you are on your way")).to_be_visible()
    assert guest.evaluate("heard.length") == before + 1 and guest.evaluate("heard.at(-1)") == "cut"


def test_b6_works_without_javascript(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}", java_script_enabled=False)
    guest.get_by_label("Your name").fill("Ana")
    guest.get_by_label("Note for the host").fill("by the window")
    guest.get_by_role("button", name="Join the line").click()
    line.join("Ben")
    line.join("Cem")
    guest.reload()
    guest.get_by_role("link", name="Let one party pass").click()
    guest.get_by_label("How many parties may go first?").fill("2")
    guest.get_by_role("button", name="Let them pass").click()
    expect_place(guest, 3)
    line.host("call", {"partyId": line.snapshot(host=True).json()["queue"][2]["id"]})
    guest.reload()
    expect(guest.get_by_text("It’s your turn")).to_be_visible()
    guest.get_by_role("button", name="I need more time").click()
    expect(guest.get_by_text("You asked the host for more time")).to_be_visible()
    expect(guest.get_by_role("button", name="Ring when it’s my turn")).to_be_hidden()
    guest.get_by_role("button", name="On my way").click()
    expect(guest.get_by_text("The host knows that you are on your way")).to_be_visible()


def test_the_pages_can_be_installed(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page(f"/queue/{line.code}")
    join(guest)
    devtools = guest.context.new_cdp_session(guest)
    found = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {each["errorId"] for each in found} <= {"in-incognito"}, found  # contexts are private windows
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["manifest"]["startUrl"] == f"{stack.url()}/queue/{line.code}"


def test_an_iphone_is_led_to_the_home_screen_which_keeps_the_place(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page("")
    guest.add_init_script(
        "delete window.PushManager; Object.defineProperty(navigator, 'standalone', { value: false });"
    )
    asked: list[str] = []

    def note(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    guest.route("**/api/push/**", note)
    guest.goto(f"/queue/{line.code}")
    join(guest)
    guest.get_by_role("button", name="Notify me when it’s my turn").click()
    expect(guest.get_by_text("Choose “Add to Home Screen”.")).to_be_visible()
    assert_fits(guest)
    devtools = guest.context.new_cdp_session(guest)
    start = devtools.send("Page.getAppManifest")["manifest"]["startUrl"]
    assert start == guest.url and "#place=" in start, "the place comes along"
    guest.get_by_role("button", name="Not now").click()
    expect(guest.get_by_role("button", name="Notify me when it’s my turn")).to_be_visible()
    assert asked == []
