"""A page that said it will ring, rings, also after the phone was locked; or it says that it cannot."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.pages import join
from tests.installation import Stack

# The browser's own sound: how many tones it was given, and a phone that takes it away while it is locked, over all reloads.
PHONE_WITH_A_LOCK = """(() => {
  const { start } = OscillatorNode.prototype;
  window.tones = 0;
  OscillatorNode.prototype.start = function (...when) { tones += 1; start.apply(this, when); };
  const contexts = [];
  window.AudioContext = class extends AudioContext {
    constructor() { super(); contexts.push(this); if (sessionStorage.locked) this.suspend(); }
    resume() { return sessionStorage.locked ? new Promise(() => {}) : super.resume(); }
  };
  window.lock = async () => { sessionStorage.locked = 1; for (const each of contexts) await each.suspend(); };
  window.unlock = () => {
    sessionStorage.removeItem("locked");
    document.dispatchEvent(new Event("visibilitychange"));
  };
})();"""


def expect_tones(guest: Page, count: int) -> None:
    """Since the page was loaded. (One tone says that it works, a call has twelve.)"""
    assert guest.evaluate("tones") == count


def test_a_promised_ring_survives_a_locked_phone_or_the_page_says_it_cannot(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    guest = open_page("")
    guest.add_init_script(PHONE_WITH_A_LOCK)
    guest.goto(f"/queue/{line.code}")
    join(guest, "Ana")
    will = guest.get_by_role("button", name="This page will ring. Keep it open.", pressed=True)
    cannot = guest.get_by_role(
        "button", name="This page cannot ring now. Tap to turn the sound on again.", pressed=False
    )
    guest.get_by_role("button", name="Ring when it’s my turn").click()
    expect(will).to_be_visible()

    guest.evaluate("lock()")
    expect(cannot).to_be_visible()
    guest.evaluate("unlock()")
    expect(will).to_be_visible()
    expect_tones(guest, 1)

    guest.evaluate("lock()")
    expect(cannot).to_be_visible()
    line.host("advance")
    expect(guest.get_by_text("It’s your turn")).to_be_visible()
    expect_tones(guest, 1)
    guest.evaluate("unlock()")
    guest.wait_for_function("tones === 13")

    line.host("undo")
    expect(will).to_be_visible()
    guest.evaluate("lock()")
    guest.reload()
    expect(cannot).to_be_visible()
    guest.evaluate("unlock()")
    guest.get_by_role("button", name="This page").click()
    expect(will).to_be_visible()
