"""Playwright and its browsers, started once for all tests of a process: to start both takes seconds of CPU."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.installation import CHROMIUM

PLAIN_HOST = "tallyline.test"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update",
    "--disable-sync",
    # One process for all tabs of a context: each has a process of its own otherwise, which takes 0.1 s of CPU to start.
    "--renderer-process-limit=1",
    # A name that is not the loopback's: plain HTTP to it is no secure context.
    f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1",
]  # fmt: skip
SHELL = shutil.which("chromium-headless-shell") or CHROMIUM


class Driver:
    """Starts what a test asks for and keeps it until `stop`.

    Playwright's event loop runs from its start to its end, also between two tests, and beside a running loop Django's ORM and
    asyncio.run refuse to work. So the loop is marked as running only while a test uses it.
    """

    def __init__(self) -> None:
        self._manager = sync_playwright()
        self._playwright: Playwright | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._browsers: dict[str, Browser] = {}

    @contextmanager
    def used(self) -> Iterator[None]:
        """Playwright's objects may be used within."""
        asyncio._set_running_loop(self._loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(None)

    def browser(self, *, whole: bool) -> Browser:
        """The headless shell, or what has windows, too. One that has crashed is started anew."""
        if self._playwright is None:
            self._playwright = self._manager.start()
            self._loop = asyncio.get_running_loop()
            expect.set_options(timeout=15_000)
        program = CHROMIUM if whole else SHELL
        if not program:
            pytest.fail("The browser tests need Chromium: install it, or set CHROMIUM.")
        found = self._browsers.get(program)
        if found is None or not found.is_connected():
            found = self._playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            self._browsers[program] = found
        return found

    def stop(self) -> None:
        """Ends the browsers and the driver."""
        if self._playwright:
            with self.used():
                for browser in self._browsers.values():
                    browser.close()
                self._playwright.stop()
