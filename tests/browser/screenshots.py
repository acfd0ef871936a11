"""`make screenshots`: every page in every state, as pictures in screenshots/. ARGS="ticket wall": walks whose names have a word;
ARGS=product: the picture on the front page (product.py).

Guest pages as small phone (360 px), phone in the dark, and in Japanese; hosts' pages as tablet, in the dark, and as phone;
walls as a big screen, light and dark.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import PHONE, QUICK, TABLET
from tests.browser.driver import ARGUMENTS
from tests.browser.gallery import WALKS, WALL, Scene, Walk
from tests.browser.product import draw_product
from tests.installation import CHROMIUM, ROOT, Stack
from tests.reach.phones.provider import gateway
from tests.webhooks.receiver import program

FOLDER = ROOT / "screenshots"
SMALL = {"width": 360, "height": 740}


def varieties(walk: Walk) -> Iterator[tuple[str, dict[str, Any]]]:
    """What to draw of a walk: the end of the files' names, the options of the browser."""
    yield "", {"viewport": walk.size}
    yield "-dark", {"viewport": walk.size, "color_scheme": "dark"}
    if walk.guest:
        yield "-ja", {"viewport": walk.size, "locale": "ja-JP"}
    if walk.size != WALL:
        yield "-360", {"viewport": SMALL, "device_scale_factor": 2}
    if walk.size == PHONE:
        yield "-tablet", {"viewport": TABLET}


def draw(browser: Browser, stack: Stack, walk: Walk, options: dict[str, Any], ending: str) -> None:
    """A picture of each state of the walk, of the whole page."""
    contexts = []

    def open_page(at: str, *, errors_allowed: bool = False, **wanted: Any) -> Page:
        context = browser.new_context(
            **{"base_url": stack.url(), "locale": "en-US", "has_touch": True, "service_workers": "block", **wanted}
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(QUICK)
        page = context.new_page()
        if at:
            page.goto(at)
        return page

    try:
        for state, page in walk.show(Scene(stack, open_page, **options)):
            page.wait_for_timeout(400)  # what moves has arrived
            path = FOLDER / f"{state}{ending}.png"
            page.screenshot(path=path, full_page=walk.size != WALL)
            print(path.relative_to(ROOT), flush=True)
    finally:
        for context in contexts:
            context.close()


def main(words: list[str]) -> int:
    """0 when every picture was made."""
    FOLDER.mkdir(exist_ok=True)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="tallyline-screenshots-") as folder, sync_playwright() as playwright:
        stack = Stack(
            Path(folder),
            name="tallyline_screenshots",
            database_url=os.environ["DATABASE_URL"],
            redis_url=os.environ["REDIS_URL"],
            TEXT_EXTRA_HOSTS=gateway().host,
            WEBHOOK_EXTRA_HOSTS=program().host,
        )
        expect.set_options(timeout=15_000)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            stack.start("web", "worker", "timers")
            if not words or "product" in words:
                for drawn in draw_product(browser, stack):
                    print(drawn, flush=True)
            for walk in WALKS:
                if words and not any(word in walk.name for word in words):
                    continue
                for ending, options in varieties(walk):
                    try:
                        draw(browser, stack, walk, options, ending)
                    except Exception as problem:  # a walk that cannot be drawn is told, and the others are drawn
                        wrong += 1
                        print(f"{walk.name}{ending}: {problem}", file=sys.stderr, flush=True)
        finally:
            browser.close()
            stack.stop()
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
