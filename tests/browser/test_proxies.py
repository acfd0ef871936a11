"""The configurations of docs/proxies.md in the real Apache and nginx, looked at through /healthz/proxy in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import sign_in_at
from tests.deploy.certificates import self_signed
from tests.deploy.documented import Documented
from tests.installation import NewStack, Stack

STAFF = ("boss@example.com", "a long pass phrase")
MAKE = "from venues import commands as c; c.create_user(email={!r}, password={!r}, is_staff=True)"


@pytest.fixture(scope="module")
def site(own_stack: NewStack) -> Stack:
    """As docs/proxies.md says to start it."""
    made = own_stack("proxies", 4, HTTPS="on", TRUSTED_PROXIES="1", ALLOWED_HOSTS="localhost,127.0.0.1").start("web")
    made.manage("shell", "-c", MAKE.format(*STAFF))
    return made


@pytest.fixture(params=["apache", "nginx", "bare"])
def proxy(request: pytest.FixtureRequest, site: Stack, tmp_path: Path) -> Iterator[Documented]:
    tmp_path.chmod(0o755)
    certificate = self_signed(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    made = Documented(request.param, tmp_path, site.ports["web"], *certificate).start()
    yield made
    made.stop()


def looked_at(browser: Browser, url: str) -> tuple[Page, dict[str, tuple[str, str]]]:
    """The page, as staff who signed in by the form, and of each row its verdict and what was seen."""
    page = browser.new_context(ignore_https_errors=True).new_page()
    sign_in_at(page, f"{url}/sign-in?next=/healthz/proxy", email=STAFF[0], password=STAFF[1])
    expect(page).to_have_url(f"{url}/healthz/proxy")
    expect(page.locator("[data-check]:not([data-done])")).to_have_count(0)
    rows = page.locator(".check").all()
    checks = {
        row.locator("strong").inner_text(): (row.locator(".tag").inner_text(), row.locator("p").first.inner_text())
        for row in rows
    }
    return page, checks


def test_the_page_says_what_a_proxy_does(chromium: Browser, proxy: Documented, request: pytest.FixtureRequest) -> None:
    kind = request.node.callspec.params["proxy"]
    page, checks = looked_at(chromium, proxy.url)
    verdicts = {title: verdict for title, (verdict, _) in checks.items()}
    assert len(verdicts) == 11
    assert checks["Your address"] == ("ok", "127.0.0.1 (from X-Forwarded-For)")
    marked = {"apache": "-gzip", "nginx": "W/", "bare": ""}[kind]
    assert marked in checks["304 for what is known"][1], checks
    if kind == "bare":
        # Forms get through; what cannot work is said, with what to change.
        wrong = {title for title, verdict in verdicts.items() if verdict != "ok"}
        assert wrong == {"Scheme", "Name and scheme", "WebSocket", "HTTP version"}, checks
        assert "X-Forwarded-Host" in checks["Name"][1]
        for title in wrong:
            row = page.locator(".check").filter(has=page.get_by_text(title, exact=True))
            expect(row.get_by_role("link", name="How")).to_be_visible()
    else:
        assert set(verdicts.values()) == {"ok"}, checks
        assert checks["HTTP version"][1] == "h2"
        assert "gzip" in checks["304 for what is known"][1]
    page.get_by_role("button", name="Send a test form").click()
    expect(page.get_by_text("The form got through.")).to_be_visible()
    page.context.close()
    if kind != "bare":
        keeps_its_promises(proxy)


def keeps_its_promises(proxy: Documented) -> None:
    """What docs/proxies.md says besides."""
    with httpx.Client(verify=False) as client:  # noqa: S501 — the certificate is made for this test
        assert client.get(f"{proxy.url}/metrics").status_code in {403, 404}
        moved = client.get(f"http://127.0.0.1:{proxy.port}/queue", headers={"Host": "localhost"})
        assert moved.status_code in {301, 308}
        assert moved.headers["location"].startswith("https://localhost")
        home = client.get(proxy.url)
        assert home.headers.get_list("referrer-policy") == ["same-origin"]
        assert "strict-transport-security" in home.headers
