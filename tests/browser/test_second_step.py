"""Passkeys and an authenticator app in a real browser, by Chromium's virtual authenticator: set up, and signed in with."""

import base64
import hmac
import struct
import time
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.pages import sign_in_at
from tests.installation import Stack

PASSWORD = "correct horse battery"


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = mac[-1] & 15
    number: int = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**6:06}"


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/")


def prove(page: Page) -> None:
    """Asked before how one signs in is changed."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def test_a_person_signs_in_by_an_app_then_by_a_passkey_and_by_the_passkey_alone(open_page: Open, stack: Stack) -> None:
    email = f"{uuid4().hex[:8]}@example.com"
    stack.manage(
        "create_host", email, "--venue", f"Venue of {email[:8]}", "--timezone", "Europe/Madrid", "--password", PASSWORD
    )
    # Browsers give passkeys to localhost, and not to 127.0.0.1.
    page = open_page("/sign-in", base_url=stack.url().replace("127.0.0.1", "localhost"))
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in_at(page, "/sign-in", email=email, password=PASSWORD)
    page.wait_for_url("**/lines")

    page.goto("/account/second-step/app")
    prove(page)
    page.get_by_text("Type it instead").click()
    secret = page.locator(".more .code").inner_text()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    sign_out(page)

    sign_in_at(page, "/sign-in", email=email, password=PASSWORD)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/lines")

    page.goto("/account/passkeys/new")
    prove(page)
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/account/second-step")
    page.goto("/account/passkeys")
    expect(page.get_by_text("signs in alone")).to_be_visible()
    sign_out(page)

    sign_in_at(page, "/sign-in", email=email, password=PASSWORD)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/lines")
    sign_out(page)

    page.goto("/sign-in?next=/account")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url("**/account")
    expect(page.get_by_text(email)).to_be_visible()
