"""The first page, the policy of all pages, and that the theme works in a real browser."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Dialog, Page, sync_playwright

from outbox.models import Effect
from queues import commands
from queues.models import Party, Queue
from tests.admin.conftest import PASSWORD
from tests.installation import CHROMIUM, Stack


def figures(client: Client) -> dict[str, tuple[object, bool]]:
    return {figure.title: (figure.value, figure.alarm) for figure in client.get("/admin/").context["figures"]}


def test_the_first_page_counts_what_matters(as_clerk: Client, line: Queue, join: Callable[..., Party]) -> None:
    Effect.objects.update(status="done")
    assert figures(as_clerk) == {
        "Open lines": (1, False),
        "Guests waiting": (0, False),
        "Dead effects": (0, False),
        "Oldest pending effect": ("none", False),
    }
    join("Anna", 4)
    commands.call(line.pk, party_id=join("Ben", 2).pk)
    Effect.objects.filter(name="analytics").update(status="dead")
    event = Effect.objects.filter(status="pending").latest("pk").event
    type(event).objects.filter(pk=event.pk).update(at="2020-01-01T00:00Z")
    now = figures(as_clerk)
    assert now["Guests waiting"] == (4, False)
    assert now["Dead effects"] == (Effect.objects.filter(status="dead").count(), True)
    assert "years" in str(now["Oldest pending effect"][0])
    assert now["Oldest pending effect"][1]
    assert "Friday night" in as_clerk.get("/admin/").content.decode()


def test_only_the_admin_may_evaluate(as_clerk: Client, line: Queue) -> None:
    for path in ("/admin/", "/admin/queues/queue/", "/admin/login/"):
        policy = as_clerk.get(path)["Content-Security-Policy"]
        assert "script-src 'self' 'unsafe-eval';" in policy + ";"
        assert "style-src 'self' 'unsafe-inline'" in policy
        assert "frame-ancestors 'none'" in policy
    for path in (f"/queue/{line.code}", "/api/docs", "/nowhere", "/api/nowhere"):
        assert "unsafe" not in as_clerk.get(path)["Content-Security-Policy"]


@pytest.mark.browser
def test_the_theme_works_under_its_policy(stack: Stack) -> None:
    """Alpine runs, styles apply, nothing is refused: on the list, a line's page, the first page and the sign-in."""
    # In another thread: the event loop that Playwright leaves behind would keep Django from its database.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(look_around, stack).result()


def look_around(stack: Stack) -> None:
    options: dict[str, Any] = {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}
    with sync_playwright() as playwright, playwright.chromium.launch(**options) as browser:
        act(stack, browser.new_page())


def act(stack: Stack, page: Page) -> None:
    made = stack.manage(
        "shell", "-v0", "-c",
        "from venues.commands import create_user\n"
        f"create_user(email='look@example.com', password={PASSWORD!r}, is_staff=True, is_superuser=True)",
    )  # fmt: skip
    assert made.returncode == 0
    live = stack.open_line(eventName="Seen in a browser")
    live.join("Anna", 4)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(stack.url() + "/admin/login/")
    page.fill("input[name=username]", "look@example.com")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    page.goto(f"{stack.url()}/admin/queues/party/?q=anna+{live.code}")
    # Alpine puts the actions' width into a style: it has evaluated an expression.
    page.check("input.action-select")
    page.wait_for_function("document.querySelector('#changelist-actions').style.width.endsWith('px')")
    page.select_option("select[name=action]", "call")
    page.click("#changelist-actions button[type=submit]")
    page.wait_for_selector("text=Called: no. 1 of Seen in a browser")
    page.goto(f"{stack.url()}/admin/queues/queue/{live.session_id}/change/")
    assert "called no. 1 (1st call)" in page.inner_text("#story")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", answer)
    page.click("[data-buttons] >> text=Close the line")
    assert asked == ["Close this line? Everybody still in it is told."]
    still_open = stack.sql("SELECT closed_at FROM queues_queue WHERE id = %s", live.session_id)
    assert still_open == [{"closed_at": None}], "the question was answered with no"
    assert problems == []
