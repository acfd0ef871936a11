"""A host and a guest whose browsers live in Tokyo, at a venue in New York (decision 0039)."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.console_pages import menu
from tests.browser.pages import join, open_line, open_poll, sign_in_at
from tests.installation import Stack

NEW_YORK, TOKYO = "America/New_York", "Asia/Tokyo"
# What is pushed to the party called last, from the row as it is.
PUSHED = """
from reach import messages
from queues.models import Party
party = Party.objects.select_related("queue").filter(queue__code="{code}", status="called").get()
print(messages.called(party, round_=party.call_count, now=party.called_at).body)
"""


def test_page_input_and_push_agree_in_the_venues_zone_not_the_browsers(open_page: Open, stack: Stack) -> None:
    account = ("tora@example.com", "a long password")
    stack.manage("create_host", account[0], "--venue", "Nonna", "--timezone", NEW_YORK, "--password", account[1])
    host = open_page("", timezone_id=TOKYO)
    sign_in_at(host, "/sign-in?next=/lines", email=account[0], password=account[1])
    host.wait_for_url("**/lines")
    now = datetime.now(ZoneInfo(NEW_YORK))
    closes = now + timedelta(hours=3)
    closing = f"{closes:%H:%M}"
    host.get_by_text("Place and hours").click()
    expect(host.get_by_text(f"read in the venue’s time zone: {NEW_YORK}")).to_be_visible()
    host.get_by_label("Closes").fill(closing)
    code = open_line(host)
    menu(host).get_by_text("Name, hours and rules").click()
    expect(host.get_by_label("Closes")).to_have_value(closing)
    expect(host.get_by_text(f"Hours are of the time zone {NEW_YORK}")).to_be_visible()
    (line,) = stack.sql("SELECT opened_at, closes_at FROM queues_queue WHERE code = %s", code)
    assert f"{line['closes_at'].astimezone(ZoneInfo(NEW_YORK)):%H:%M}" == closing
    assert line["closes_at"] - line["opened_at"] <= timedelta(hours=3)

    guest = open_page(f"/queue/{code}", timezone_id=TOKYO)
    expect(guest.get_by_text(f"until {closes:%-I:%M %p}")).to_be_visible()
    briton = open_page(f"/queue/{code}", locale="en-GB")
    expect(briton.get_by_text(f"until {closing}")).to_be_visible()
    join(guest, "Tora")
    host.get_by_role("button", name=re.compile("Call")).first.click()
    expect(guest.get_by_role("alert").get_by_text("your turn")).to_be_visible()
    (party,) = stack.sql(
        "SELECT call_deadline FROM queues_party p JOIN queues_queue q ON q.id = p.queue_id WHERE q.code = %s", code
    )
    by = f"{party['call_deadline'].astimezone(ZoneInfo(NEW_YORK)):%-I:%M\u00a0%p}"
    assert f"come by {by}." in stack.manage("shell", "--command", PUSHED.format(code=code)).stdout


def test_without_a_venue_the_zone_is_the_browsers_and_the_host_may_change_it(open_page: Open, stack: Stack) -> None:
    host = open_page(timezone_id=TOKYO)
    host.get_by_text("Place and hours").click()
    expect(host.get_by_label("Time zone of these hours")).to_have_value(TOKYO)
    host.get_by_label("Time zone of these hours").select_option(NEW_YORK)
    host.get_by_label("Closes").fill(f"{datetime.now(ZoneInfo(NEW_YORK)) + timedelta(hours=3):%H:%M}")
    code = open_line(host)
    (line,) = stack.sql("SELECT timezone, closes_at - opened_at AS life FROM queues_queue WHERE code = %s", code)
    assert line["timezone"] == NEW_YORK and timedelta(hours=2, minutes=58) < line["life"] <= timedelta(hours=3)

    # Of a server's own zone a browser without one of a place's chooses nothing.
    expect(open_page(timezone_id="UTC").locator("select[name=timezone]")).to_have_value("")

    ends = datetime.now(ZoneInfo(TOKYO)).replace(microsecond=0) + timedelta(hours=2)
    poll = open_poll(stack, end=int(ends.timestamp() * 1000))
    voter = open_page(f"/vote/{poll['code']}", timezone_id=TOKYO)
    expect(voter.get_by_text(f"Closes at {ends:%-I:%M %p}.")).to_be_visible()
    expect(voter.get_by_text("Closes in")).to_have_count(0)
    still = open_page(f"/vote/{poll['code']}", timezone_id=TOKYO, java_script_enabled=False)
    expect(still.get_by_text(re.compile(r"Closes in 1\shour, 5\d\sminutes\."))).to_be_visible()
    expect(still.get_by_text("Closes at")).to_be_hidden()
