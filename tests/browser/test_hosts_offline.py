"""A host whose tablet loses the network goes on; what was pressed is done once when it is back, or said why not (B11)."""

import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import Open
from tests.browser.console_pages import expect_order, run_line, tablet, walk_in
from tests.browser.pages import party
from tests.installation import FULL, Stack, wait_until

STANDING = """SELECT p.name, p.status, p.call_count FROM queues_party p JOIN queues_queue q ON q.id = p.queue_id
               WHERE q.code = %s ORDER BY p.ticket"""
# All that is kept was pressed three minutes before: `make faults` waits for them.
THREE_MINUTES_AGO = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("tallyline-host-actions");
  opening.onerror = reject;
  opening.onsuccess = () => {
    const transaction = opening.result.transaction("actions", "readwrite");
    const actions = transaction.objectStore("actions");
    const all = actions.getAll();
    all.onsuccess = () => all.result.forEach((action) => actions.put({ ...action, pressedAt: action.pressedAt - 180_000 }));
    transaction.oncomplete = () => { opening.result.close(); resolve(null); };
  };
})"""


def seat(host: Page, name: str) -> None:
    party(host, name).get_by_role("button", name="Seat").click()


@pytest.mark.faults
@pytest.mark.timeout(480 if FULL else 120)
def test_two_consoles_one_without_a_network_for_three_minutes(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben", "Cem", "Dia")
    one = tablet(open_page, line)
    two = tablet(open_page, line, errors_allowed=True)
    two.context.set_offline(True)
    kept = two.locator("[data-not-sent]")
    two.get_by_role("button", name="Call next").click()
    expect(two.get_by_text("kept until the network is back")).to_be_visible()
    seat(two, "Ben")
    seat(two, "Cem")
    new = walk_in(two)
    new.get_by_label("Name").fill("Eva")
    new.get_by_role("button", name="Add to the line").click()
    expect(kept.locator("summary")).to_have_text("4 not sent")
    # Nothing is shown as done.
    expect_order(two, "Ana", "Ben", "Cem", "Dia")
    expect(party(two, "Ben").locator("[data-not-sent-mark]")).to_have_text("Seat: not sent")
    expect(two.locator(".is-called")).to_have_count(0)
    # Meanwhile another host seats one of them, and a guest comes.
    seat(one, "Cem")
    expect_order(one, "Ana", "Ben", "Dia")
    line.join("Fay")
    if FULL:
        two.wait_for_timeout(180_000)  # not a wait for anything: the network is away for so long
        expect(two.locator("[data-freshness]")).to_contain_text("No connection: this is the line as it was 3 min ago.")
        expect(kept.locator("summary")).to_have_text("4 not sent")
    else:
        two.evaluate(THREE_MINUTES_AGO)
    two.context.set_offline(False)
    for host in (one, two):
        expect_order(host, "Ana", "Dia", "Fay", "Eva")
    expect(kept.locator("summary")).to_have_text("2 not done")
    kept.locator("summary").click()
    expect(kept.locator("li")).to_contain_text(
        [
            re.compile(r"#1 was to be called 3 min ago, longer than a called party has to come"),
            re.compile(r"#3 was seated by another host"),
        ]
    )
    standing = [(row["name"], row["status"], row["call_count"]) for row in stack.sql(STANDING, line.code)]
    assert standing[:3] == [("Ana", "waiting", 0), ("Ben", "served", 0), ("Cem", "served", 0)]
    for _ in range(2):
        kept.get_by_role("button", name="Dismiss").first.click()
    expect(kept).to_be_hidden()
    expect(party(two, "Ana").locator("[data-not-sent-mark]")).to_have_count(0)


def test_what_is_kept_outlives_the_page_and_can_be_taken_back(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben")
    host = tablet(open_page, line, errors_allowed=True)
    host.context.set_offline(True)
    seat(host, "Ana")
    seat(host, "Ben")
    kept = host.locator("[data-not-sent]")
    expect(kept.locator("summary")).to_have_text("2 not sent")
    kept.locator("summary").click()
    kept.get_by_role("button", name="Take back").last.click()
    expect(kept.locator("summary")).to_have_text("1 not sent")
    address = host.url
    host.close()
    host.context.set_offline(False)
    again = host.context.new_page()
    again.goto(address)
    expect_order(again, "Ben")
    expect(again.locator("[data-served]")).to_have_text("1")
    expect(again.locator("[data-not-sent]")).to_be_hidden()


def test_a_lost_answer_is_asked_for_again_and_nothing_is_done_twice(open_page: Open, stack: Stack) -> None:
    line = run_line(stack, "Ana", "Ben")
    host = tablet(open_page, line, errors_allowed=True)
    answers: list[Response] = []
    host.on("response", lambda answer: answers.append(answer) if answer.url.endswith("/actions") else None)
    host.route("**/host/call", lambda route: (route.fetch(), route.abort()))  # done, and nobody hears of it
    host.get_by_role("button", name="Call next").click()
    expect(host.locator(".is-called")).to_contain_text("Ana")
    wait_until(lambda: host.evaluate("true") and answers, what="the same action once more")
    assert [outcome["already"] for outcome in answers[0].json()["outcomes"]] == [True]
    expect(host.locator("[data-not-sent]")).to_be_hidden()
    assert [row["call_count"] for row in stack.sql(STANDING, line.code)] == [1, 0]
