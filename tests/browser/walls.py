"""What tests of walls share."""

from playwright.sync_api import Page, ViewportSize

TV: ViewportSize = {"width": 1920, "height": 1080}


def over_the_screen(wall: Page) -> list[int]:
    """By how much the page is wider and higher than the window."""
    over = "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
    found: list[int] = wall.evaluate(over)
    return found


def assert_one_screen(wall: Page) -> None:
    """A wall needs no scrolling. (One that was just resized may need a moment.)"""
    assert over_the_screen(wall) == [0, 0], wall.url
