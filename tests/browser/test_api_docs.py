"""The OpenAPI page in a browser: *Authorize* and *Try it out* work as they stand."""

import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET, Open
from tests.installation import Stack


def operation(page: Page, tag: str, name: str) -> Any:
    """The operation's block, opened."""
    block = page.locator(f"[id='operations-{tag}-{name}']")
    if "is-open" not in (block.get_attribute("class") or ""):
        block.locator(".opblock-summary-control").click()
    return block


def try_it(block: Any, **parameters: str) -> Any:
    """Fills in the parameters, sends the example body as it stands, and gives the live answer's row."""
    block.get_by_role("button", name="Try it out").click()
    for name, value in parameters.items():
        block.locator(f"tr[data-param-name='{name}'] input").fill(value)
    block.get_by_role("button", name="Execute").click()
    return block.locator(".live-responses-table .response").first


def answered(row: Any, status: int) -> dict[str, Any]:
    """The body of the answer, once it has this status."""
    expect(row.locator(".response-col_status")).to_contain_text(str(status))
    found: dict[str, Any] = json.loads(row.locator("code").first.inner_text())
    return found


def test_a_line_and_a_poll_are_made_and_used_with_the_examples(stack: Stack, open_page: Open) -> None:
    """On one page, for it takes seconds to load. Under the same policy as all pages: its scripts come from us, its one inline
    style by its hash.
    """
    page = open_page("", viewport=TABLET)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/api/docs")
    expect(page.get_by_text("/api/queue/create")).to_be_visible()
    line = answered(try_it(operation(page, "lines", "create_line")), 200)
    answered(try_it(operation(page, "lines", "join_line"), code=line["code"]), 200)
    page.locator(".auth-wrapper .authorize").first.click()
    row = page.locator(".auth-container", has=page.locator("code", has_text="hostToken")).first
    row.locator("input").fill(line["hostAuthToken"])
    row.get_by_role("button", name="Apply credentials").click()
    page.locator(".modal-ux .close-modal").click()
    advanced = answered(try_it(operation(page, "lines", "advance_line"), code=line["code"]), 200)
    assert advanced["nowServing"]["name"] == "Ana"

    poll = answered(try_it(operation(page, "polls", "create_poll")), 201)
    counted = answered(try_it(operation(page, "polls", "cast_ballot"), poll=poll["id"]), 201)
    assert counted["receipt"]["pollId"] == poll["id"]
    results = answered(try_it(operation(page, "polls", "get_results"), poll=poll["id"], cache="false"), 200)
    assert results["ballots"] == 1
    assert [line for line in said if "Content Security Policy" in line] == []
