"""Rooms: a guest's phone, the wall, the host."""

from playwright.sync_api import expect

from tests.browser.conftest import TABLET
from tests.browser.gallery.scene import WALL, Scene, Steps, walk


@walk()
def room(scene: Scene) -> Steps:
    made = scene.room()
    page = scene.open(f"/rooms/{made['code']}")
    page.locator("[data-say=yes]").click()
    expect(page.locator("[data-state=on]")).to_be_visible()
    expect(page.locator(".votes [data-yes]")).to_have_text("1")
    yield "room", page
    page.locator("[data-say=no]").click()
    expect(page.locator(".votes [data-no]")).to_have_text("1")
    scene.post(f"/api/rooms/{made['code']}/close", made["hostToken"])
    page.reload()
    expect(page.locator(".votes [data-no]")).not_to_have_text("–")
    yield "room-closed", page


@walk(WALL)
def room_wall(scene: Scene) -> Steps:
    made = scene.room()
    scene.open(f"/rooms/{made['code']}").locator("[data-say=yes]").click()
    page = scene.open(f"/rooms/{made['code']}/wall")
    expect(page.locator(".votes [data-yes]")).to_have_text("1")
    yield "room-wall", page


@walk(TABLET, guest=False)
def room_host(scene: Scene) -> Steps:
    page = scene.open("/rooms/new")
    yield "new-room", page
    page.get_by_label("Your yes/no question").fill("A second bottle?")
    page.get_by_role("button", name="Open the room").click()
    yield "room-host", page
