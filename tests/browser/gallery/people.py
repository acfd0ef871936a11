"""The pages of people: an owner's, a person's own, and what strangers come to by a link."""

import re
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, TABLET
from tests.browser.gallery.scene import Scene, Steps, walk
from tests.browser.pages import sign_in_at

PASSWORD = "correct horse battery"


def owner(scene: Scene) -> Page:
    """The signed-in owner of a new venue."""
    email = f"{uuid4().hex[:8]}@example.com"
    scene.stack.manage(
        "create_host",
        email,
        "--venue",
        f"Trattoria {email[:4]}",
        "--timezone",
        "Europe/Rome",
        "--owner",
        "--password",
        PASSWORD,
    )
    page = scene.open("")
    sign_in_at(page, "/sign-in", email=email, password=PASSWORD)
    page.wait_for_url("**/lines")
    return page


@walk(TABLET, guest=False)
def people(scene: Scene) -> Steps:
    page = owner(scene)
    page.goto("/venue/people")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.locator(".more summary").first.click()
    yield "people", page
    link = page.locator("[data-link]").input_value()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "people-last-owner", page
    page.goto("/venue/mail")
    yield "mails", page
    guest = scene.open(link)
    expect(guest.get_by_role("heading", name="Make your account")).to_be_visible()
    yield "invitation", guest
    guest.get_by_label("E-mail").fill("someone@example.com")
    guest.get_by_label("Password").fill("short")
    guest.get_by_role("button", name="Make the account").click()
    expect(guest.locator(".wrong").first).to_be_visible()
    yield "invitation-wrong", guest
    page.goto(link)
    expect(page.get_by_text("already")).to_be_visible()
    yield "invitation-works-there", page
    other = owner(scene)
    other.goto(link)
    expect(other.get_by_role("button", name="Take the invitation")).to_be_visible()
    yield "invitation-signed-in", other
    guest.goto("/invitation/none")
    yield "invitation-none", guest


@walk(TABLET, guest=False)
def devices(scene: Scene) -> Steps:
    page = owner(scene)
    page.goto("/venue/devices")
    yield "devices-none", page
    page.get_by_label("What is it called?").fill("Tablet at the bar")
    page.get_by_role("button", name="Show a code").click()
    digits = page.locator(".pairing-digits")
    expect(digits).to_be_visible()
    yield "devices-code", page
    tablet = scene.open("/host-key")
    tablet.get_by_label("The 8 digits").fill("1234 5678")
    tablet.get_by_role("button", name="Go on").click()
    expect(tablet.get_by_role("alert")).to_be_visible()
    yield "host-code-wrong", tablet
    tablet.get_by_label("The 8 digits").fill(digits.inner_text())
    tablet.get_by_role("button", name="Go on").click()
    tablet.wait_for_url("**/lines")
    yield "lines-of-device", tablet
    tablet.goto("/tablet")
    yield "tablet", tablet
    expect(digits).to_be_hidden()
    yield "devices", page
    host = scene.open("/")
    host.goto(f"{open_line(host)}/device")
    host.get_by_role("button", name="Show a code").click()
    expect(host.locator(".pairing-digits")).to_be_visible()
    yield "second-device", host


def open_line(host: Page) -> str:
    """The address of the console of a line without an account."""
    host.get_by_label("Name of the line").fill("Friday dinner")
    host.get_by_role("button", name="Open the line").click()
    host.wait_for_url(re.compile(r"/queue/\w{6}/host$"))
    return host.url


@walk(PHONE, guest=False)
def own_account(scene: Scene) -> Steps:
    page = owner(scene)
    page.goto("/account")
    yield "account", page
    page.goto("/account/sessions")
    yield "account-sessions", page
    page.goto("/account/password")
    yield "account-password", page
    page.goto("/account/second-step")
    yield "account-second-step", page
    page.get_by_role("link", name="Set it up").click()
    yield "account-again", page
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Set up the app")).to_be_visible()
    yield "account-app", page
    page.goto("/account/email")
    expect(page.get_by_role("heading", name="Change your e-mail")).to_be_visible()
    yield "account-email", page
    page.goto("/email/none")
    yield "account-email-no-link", page
    page.goto("/account/passkeys")
    yield "account-passkeys", page
    page.goto("/account/passkeys/new")
    yield "account-passkey-new", page


@walk(PHONE, guest=False)
def forgotten(scene: Scene) -> Steps:
    page = scene.open("/password/forgotten")
    yield "password-ask", page
    page.get_by_label("E-mail").fill("unknown@example.com")
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_url("**/password/sent")
    yield "password-sent", page
    page.goto("/password/1/x-y")
    yield "password-no-link", page
    page.goto("/password/chosen")
    yield "password-chosen", page
