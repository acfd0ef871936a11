"""The picture of the product on the front page: the console of an evening on a tablet, before it a guest's ticket on a phone, by
day and by night. `make screenshots ARGS=product` draws it into frontend/public/img."""

from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.conftest import PHONE, QUICK, TABLET
from tests.browser.pages import console
from tests.installation import ROOT, LiveLine, Stack

FOLDER = ROOT / "frontend" / "public" / "img"
SIZE = (1200, 780)
QUALITY = 72
EVENING = [
    ("Okafor", 4), ("Lindqvist", 2), ("Moreau", 2), ("Ana María", 3), ("Hopper", 6), ("Yamada", 2), ("Costa", 4), ("Novák", 2),
    ("Brandt", 5), ("Silva", 2), ("Rossi", 8), ("Wójcik", 3), ("Haddad", 2), ("Iyer", 4), ("Laurent", 2), ("Ito", 3),
]  # fmt: skip
# Two screens in their frames, on nothing.
SCENE = """<style>
body { margin: 0; width: 1200px; height: 780px; position: relative; overflow: hidden; }
img { position: absolute; box-sizing: border-box; border: solid %(frame)s; background: %(frame)s; object-fit: cover; }
img { box-shadow: 0 12px 32px rgb(0 0 0 / 22%%); object-position: top; }
.tablet { left: 0; top: 16px; width: 1044px; height: 734px; border-width: 14px; border-radius: 30px; }
.phone { right: 4px; bottom: 20px; width: 262px; height: 548px; border-width: 9px; border-radius: 34px; }
</style><img class="tablet" src="%(tablet)s"><img class="phone" src="%(phone)s">"""
FRAMES = {"light": "#20302a", "dark": "#3a4a44"}


def draw_product(browser: Browser, stack: Stack) -> Iterator[str]:
    """Draws both pictures; their paths."""
    line = _evening(stack)
    guest = line.join("Petra", size=2)
    for theme, frame in FRAMES.items():
        tablet = _screen(browser, stack, theme, TABLET, scale=1)
        console(tablet, line)
        expect(tablet.locator("[data-party]").first).to_be_visible()
        phone = _screen(browser, stack, theme, PHONE, scale=2)
        phone.goto(f"/queue/{line.code}/ticket#place={guest['partyId']}")
        expect(phone.locator(".place").first).to_be_visible()
        shots = {name: _source(page) for name, page in (("tablet", tablet), ("phone", phone))}
        scene = _screen(browser, stack, theme, {"width": SIZE[0], "height": SIZE[1]}, scale=1)
        scene.set_content(SCENE % {"frame": frame, **shots})
        drawn = Image.open(BytesIO(scene.screenshot(omit_background=True)))
        path = FOLDER / f"product-{theme}.webp"
        drawn.save(path, quality=QUALITY, method=6)
        for page in (tablet, phone, scene):
            page.context.close()
        yield f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} KB"


def _evening(stack: Stack) -> LiveLine:
    line = stack.open_line(eventName="Friday dinner", location="Terrace", maxGuests=80)
    parties = [line.join(name, size=size)["partyId"] for name, size in EVENING]
    stack.sql(
        "UPDATE queues_party SET joined_at = joined_at - make_interval(mins => 41 - 2 * ticket) WHERE queue_id = %s",
        line.session_id,
    )
    for party in parties[:3]:
        line.host("call", {"partyId": party})
    return line


def _screen(browser: Browser, stack: Stack, theme: str, size: ViewportSize, *, scale: int) -> Page:
    options: dict[str, Any] = {"viewport": size, "color_scheme": theme, "device_scale_factor": scale, "locale": "en-US"}
    context = browser.new_context(base_url=stack.url(), service_workers="block", **options)
    context.add_init_script(QUICK)
    return context.new_page()


def _source(page: Page) -> str:
    """What the page shows, as an image's address."""
    page.wait_for_timeout(400)  # what moves has arrived
    return "data:image/png;base64," + b64encode(page.screenshot()).decode()
