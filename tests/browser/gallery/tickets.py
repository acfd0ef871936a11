"""What a guest does with tickets besides waiting: taking one over, keeping several, changing the party, being told earlier."""

from playwright.sync_api import expect

from tests.browser.gallery.scene import WALL, Scene, Steps, walk
from tests.browser.pages import console


@walk()
def tickets(scene: Scene) -> Steps:
    line = scene.line(5)
    page = scene.open(f"/queue/{line.code}/take#3-WRNG22")
    expect(page.locator(".wrong")).to_be_visible()
    yield "take-wrong", page
    page.goto(f"/queue/{line.code}")
    page.locator("[name=name]").fill("Ana María")
    page.locator("form.card button.button-primary").click()
    page.locator("[href*='another']").click()
    yield "join-another", page
    page.locator("[name=name]").fill("Bartholomew & family")
    page.locator("form.card button.button-primary").click()
    expect(page.locator(".tickets-here a")).to_have_count(2)
    page.locator("[href*='/tell-ahead']").click()
    yield "tell-ahead", page
    page.locator("[name=parties]").select_option("3")
    page.locator("form.card button.button-primary").click()
    expect(page.locator("[data-tell-later]")).to_be_visible()
    yield "ticket-several-told-earlier", page
    page.locator("[href*='/change']").click()
    page.locator("[name=note]").fill("high chair")
    yield "change-party", page
    line.host("settings", {"hereOnly": True})
    page.goto(f"/queue/{line.code}?another=1#here=WRNG22")
    page.locator("form.card button.button-primary").click()
    expect(page.locator(".wrong")).to_be_visible()
    yield "join-code-on-the-wall", page


@walk(WALL)
def here(scene: Scene) -> Steps:
    """A line that takes only guests who are here: on a screen of its host's, and on one that anybody opened."""
    line = scene.line(3)
    line.host("settings", {"hereOnly": True})
    page = console(scene.open(""), line)
    page.goto(f"/queue/{line.code}/wall")
    yield "line-wall-code", page
    yield "line-wall-no-code", scene.open(f"/queue/{line.code}/wall", viewport=WALL)
