"""Pages that say what is wrong, and what to do."""

from urllib.parse import urlsplit

from playwright.sync_api import Route, expect

from tests.browser.driver import PLAIN_HOST
from tests.browser.gallery.scene import Scene, Steps, walk


@walk()
def errors(scene: Scene) -> Steps:
    line = scene.line()
    page = scene.open("/queue?code=ZZZZZZ")
    yield "not-found", page
    page.goto("/offline")
    yield "no-copy", page
    page.goto(f"/queue/{line.code}/ticket")
    yield "ticket-elsewhere", page
    page.goto(f"http://{PLAIN_HOST}:{urlsplit(scene.stack.url()).port}/queue/{line.code}")
    yield "wrong-name", page
    page.locator("main a").click()
    expect(page.locator(".manual")).to_be_visible()


@walk()
def unsent(scene: Scene) -> Steps:
    line = scene.line()
    page = scene.open(f"/queue/{line.code}")
    page.locator("[name=name]").fill("Ana María")
    page.locator("[name=note]").fill("by the window, with a high chair")
    # Another tab of this browser has signed in since.
    page.evaluate("document.querySelector('form.card [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    page.locator("form.card button.button-primary").click()
    expect(page.locator("form.card bdi").first).to_be_visible()
    yield "unsent", page
    # A proxy hides where the form comes from.
    page.goto(f"/queue/{line.code}")

    def misname(route: Route) -> None:
        sent = {**route.request.headers, "origin": "http://proxy.internal"}
        route.fulfill(response=route.fetch(headers=sent, max_redirects=0))

    page.route(f"**/queue/{line.code}", misname)
    page.locator("form.card button.button-primary").click()
    expect(page.locator("main a[href*='/help/proxies#host']")).to_be_visible()
    yield "proxy-fault", page
