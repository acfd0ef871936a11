"""The admin's theme in a real browser."""

from playwright.sync_api import Dialog

from tests.browser.conftest import Open
from tests.installation import Stack

EMAIL, PASSWORD = "look@example.com", "correct horse battery"


def test_the_theme_works_under_its_policy(open_page: Open, stack: Stack) -> None:
    """Alpine runs, styles apply, nothing is refused: on the list, a line's page, the first page and the sign-in."""
    made = stack.manage(
        "shell", "-v0", "-c",
        "from venues.commands import create_user\n"
        f"create_user(email={EMAIL!r}, password={PASSWORD!r}, is_staff=True, is_superuser=True)",
    )  # fmt: skip
    assert made.returncode == 0
    live = stack.open_line(eventName="Seen in a browser")
    live.join("Anna", 4)
    page = open_page("", viewport={"width": 1280, "height": 720}, has_touch=False)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "warning" else None)
    page.goto("/admin/login/")
    page.fill("input[name=username]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    page.goto(f"/admin/queues/party/?q=anna+{live.code}")
    # Alpine puts the actions' width into a style: it has evaluated an expression.
    page.check("input.action-select")
    page.wait_for_function("document.querySelector('#changelist-actions').style.width.endsWith('px')")
    page.select_option("select[name=action]", "call")
    page.click("#changelist-actions button[type=submit]")
    page.wait_for_selector("text=Called: no. 1 of Seen in a browser")
    page.goto(f"/admin/queues/queue/{live.session_id}/change/")
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
