"""Texts from an owner's set-up to a guest's STOP, in real browsers, with a gateway on loopback."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import TABLET, Open
from tests.browser.gallery.scene import Scene
from tests.browser.pages import assert_fits, join
from tests.browser.text_pages import Telephone, choose_ways, set_up_gateway
from tests.installation import Stack, wait_until
from tests.reach.phones.provider import gateway

NUMBER, PROVEN = "+34612000111", "+34612000555"


def test_a_guest_and_the_host_text_each_other_until_stop(open_page: Open, stack: Stack) -> None:
    venue = Scene(stack, open_page).venue("Casa Texto")
    owner = venue.owner(open_page("", viewport=TABLET), "/venue/reach")
    choose_ways(owner, "Push", "SMS")
    expect(owner.get_by_text("nothing carries your texts yet")).to_be_visible()
    owner.get_by_role("link", name="Set up texts").click()
    phone = Telephone(NUMBER, gateway(), set_up_gateway(owner, gateway(), cap="0.35"))
    expect(owner.get_by_text("No guest is asked for a number")).to_have_count(0)

    # The guest gives a number, and chooses to be told by it first.
    line = venue.open("Dinner")
    guest = open_page(f"/queue/{line.code}")
    guest.get_by_label("Mobile number").fill("612 000 111")
    join(guest, "Ana")
    wait_until(lambda: len(phone.got) == 1, what="the first text")
    assert "#place=" in phone.got[0]
    guest.get_by_role("link", name="How we tell you").click()
    assert_fits(guest)
    guest.get_by_label("Tell me first by").select_option(label="Text message (SMS)")
    guest.get_by_role("button", name="Save").click()
    guest.wait_for_url(re.compile("/ticket"))

    # Called by text, answered by text.
    host = venue.tablet(open_page("", viewport=TABLET))
    host.goto(f"/queue/{line.code}/host")
    host.get_by_role("button", name="Call next: #1 Ana (2)").click()
    wait_until(lambda: len(phone.got) == 2, what="the call")
    assert "1: on my way, 2: more time, 9: leave" in phone.got[1]
    phone.receive()
    called = host.locator(".is-called")
    expect(called.get_by_text("call arrived")).to_be_visible()
    assert phone.write("1") == "Thank you. The host knows that you are on your way."
    expect(called.get_by_text("on the way")).to_be_visible()
    assert phone.write("2") == "The host knows that you need more time."
    expect(called.get_by_text("asks for more time")).to_be_visible()
    assert phone.write("Is there a high chair?") == ""

    # The host reads it beside the party, and answers.
    called.locator("[data-open]").click()
    pane = host.locator("[data-party-pane]")
    talk = pane.locator(".talk")
    expect(talk.filter(has_text="Is there a high chair?")).to_be_visible()
    expect(talk.filter(has_text="on the way")).to_be_visible()
    expect(talk.filter(has_text=re.compile("SMS.*Called", re.DOTALL))).to_contain_text("arrived")
    pane.get_by_placeholder("In your own words").fill("Yes, at your table")
    pane.get_by_role("button", name="Send to #1").click()
    wait_until(lambda: len(phone.got) == 3, what="the host's answer")
    assert "Yes, at your table" in phone.got[2]
    expect(talk.filter(has_text="Yes, at your table")).to_contain_text("sent, not known")

    # STOP: the host sees it at once, and no text goes out any more.
    assert "no more texts" in phone.write("STOP")
    expect(called.get_by_text("no texts: they said STOP")).to_be_visible()
    expect(pane.get_by_text("Their number said STOP")).to_be_visible()
    # A second press of the same button, with no tap elsewhere and at once, would be a double tap.
    pane.get_by_placeholder("In your own words").click()
    pane.get_by_placeholder("In your own words").fill("Are you there?")
    pane.get_by_role("button", name="Send to #1").click()
    expect(talk.filter(has_text="Are you there?")).to_contain_text("not sent: the number said STOP")
    assert len(phone.got) == 3

    # What it cost: three texts, and three answers.
    owner.reload()
    expect(owner.locator(".texts-today")).to_have_text("0.30 USD of 0.35 USD")
    expect(owner.get_by_text("Today’s texts have cost most of what they may.")).to_be_visible()


def test_a_guest_proves_a_number_by_its_code_and_a_wrong_one_is_refused(open_page: Open, stack: Stack) -> None:
    venue = Scene(stack, open_page).venue("Casa Prueba")
    owner = venue.owner(open_page("", viewport=TABLET), "/venue/reach")
    choose_ways(owner, "SMS")
    owner.goto("/venue/sms")
    phone = Telephone(PROVEN, gateway(), set_up_gateway(owner, gateway(), cap="1", proven=True))
    guest = open_page(f"/queue/{venue.open('Dinner').code}", errors_allowed=True)  # the wrong code's page is a 400
    guest.get_by_label("Mobile number").fill("612 000 555")
    join(guest, "Ben")
    wait_until(lambda: len(phone.got) == 1, what="the code")
    found = re.search(r"\b\d{6}\b", phone.got[0])
    assert found is not None and "http" not in phone.got[0]
    code = found[0]

    def type_code(typed: str) -> None:
        guest.get_by_label("Code from the text message").fill(typed)
        guest.get_by_role("button", name="Check the code").click()

    expect(guest.get_by_role("heading", name="Is this your number?")).to_be_visible()
    type_code(f"{(int(code) + 1) % 1_000_000:06}")
    expect(guest.get_by_text("This is not the code. Please look again.")).to_be_visible()
    assert_fits(guest)
    type_code(f"{code[:3]} {code[3:]}")
    guest.wait_for_url(re.compile("/ticket"))
    expect(guest.get_by_text("Thank you. News of your place comes to your number.")).to_be_visible()
    expect(guest.get_by_role("heading", name="Is this your number?")).to_have_count(0)
    wait_until(lambda: len(phone.got) == 2, what="the ticket’s link, now that the number is proven")
    assert "#place=" in phone.got[1]
