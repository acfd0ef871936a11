"""The console is heard (frontend/host/sounds.ts); what is said for which mark, its unit tests tell."""

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.console_pages import run_line, tablet
from tests.installation import Stack, wait_until

COUNTED = """window.tones = 0;
const { start } = OscillatorNode.prototype;
OscillatorNode.prototype.start = function (...when) { tones += 1; start.apply(this, when); };"""


def test_a_console_is_heard_after_the_first_tap_as_the_device_was_set(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana")
    host = tablet(open_page, line)
    host.add_init_script(COUNTED)
    host.reload()
    state = host.locator("[data-sound-state]").first
    expect(state).to_have_text("not yet")
    line.join("Bob")
    expect(host.locator("[data-party]")).to_have_count(2)
    assert host.evaluate("tones") == 0
    host.locator("h1").first.click()
    expect(state).to_have_text("soft")
    line.join("Cem")
    wait_until(lambda: host.evaluate("tones") == 1, what="tones")
    party = line.join("Dia")["partyId"]
    wait_until(lambda: host.evaluate("tones") == 2, what="tones")
    line.host("call", {"partyId": party})
    assert line.post("ask-more-time", {"partyId": party}).is_success
    wait_until(lambda: host.evaluate("tones") == 4, what="tones")
    expect(host).to_have_title("(1) Friday night · host")
    host.locator("[data-sounds] [value=off]").first.evaluate("field => field.click()")
    host.reload()
    expect(state).to_have_text("off")
    host.locator("h1").first.click()
    line.join("Eve")
    expect(host.locator("[data-party]")).to_have_count(5)
    assert host.evaluate("tones") == 0
