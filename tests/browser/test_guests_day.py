"""A walk-in's ticket on the guest's phone, and one phone for two parties (decision 0064)."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.console_pages import walk_in
from tests.browser.pages import console, join, party
from tests.installation import Stack


def test_a_walk_in_is_added_and_the_phone_that_scans_the_code_has_the_ticket(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    host = console(open_page(""), line)
    walk_in(host).get_by_label("Name").fill("Ana")
    host.get_by_role("button", name="Add, and show the QR code").click()
    expect(host.get_by_text("Added, ticket #1.")).to_be_visible()
    expect(host.get_by_role("img", name="QR code that gives ticket #1")).to_be_visible()
    code = host.locator("strong.code").inner_text()
    phone = open_page(f"/queue/{line.code}/take#{code}")
    expect(phone.locator("[data-ticket='1']")).to_be_visible()
    phone.go_back()
    assert code not in phone.url, "the code stays in no address"
    host.get_by_role("link", name="Back to the line").click()
    expect(party(host, "Ana")).to_be_visible()


def test_each_tab_is_of_its_own_ticket_and_says_when_it_is_near(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    ahead = [line.join(name)["partyId"] for name in ("Ann", "Bob")]
    first = open_page(f"/queue/{line.code}")
    join(first, "Cem")
    second = first.context.new_page()
    second.goto(f"/queue/{line.code}/ticket")
    second.get_by_role("link", name="Join for another party").click()
    second.get_by_label("Your name").fill("Dia")
    second.get_by_role("button", name="Join the line").click()
    expect(second.locator("[data-ticket='4']")).to_be_visible()
    second.get_by_role("link", name="Tell me earlier").click()
    second.get_by_label("Tell me when").select_option("2")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text("You are told when 2 parties are before you.")).to_be_visible()
    first.get_by_role("button", name="I’m nearby").click()
    expect(first.get_by_text("The host knows that you are close.")).to_be_visible()
    expect(first.locator("[data-ticket='3']")).to_be_visible()
    line.post("leave", {"partyId": ahead[0]})
    expect(second.get_by_text("Soon your turn: no more than 2 parties are before you.")).to_be_visible(timeout=20_000)
    expect(second.get_by_role("button", name="I’m nearby")).to_be_visible()
    second.get_by_role("link", name="Ticket 3").click()
    expect(second).to_have_url(re.compile(r"/ticket\?ticket=3#place=[0-9a-f-]{36}$"))
    expect(second.get_by_text("The host knows that you are close.")).to_be_visible()


def test_the_code_on_the_wall_comes_along_with_its_qr_code_and_is_renewed(open_page: Open, stack: Stack) -> None:
    line = stack.open_line()
    wall = console(open_page(""), line)
    wall.clock.install()
    wall.goto(f"/queue/{line.code}/wall")
    line.host("settings", {"hereOnly": True})
    code = wall.locator(".wall-here-code strong").inner_text()
    phone = open_page(f"/queue/{line.code}#here={code}")
    expect(phone.get_by_label("Code on the wall")).to_have_value(code)
    assert code not in phone.url, "the code stays in no address"
    phone.get_by_role("button", name="Join the line").click()
    expect(phone.locator("[data-ticket='1']")).to_be_visible()
    wall.evaluate("document.querySelector('.wall-here-code strong').textContent = 'old'")
    wall.clock.fast_forward("05:01")
    expect(wall.locator(".wall-here-code strong")).to_have_text(re.compile("^[A-Z2-9]{6}$"))
