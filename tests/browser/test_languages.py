"""A guest's way in Spanish and in Japanese: no English is left on it, and the language can be changed on each page."""

import gettext
import json
import re

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.browser.conftest import Open
from tests.browser.pages import QUESTION, assert_fits, open_poll
from tests.installation import ROOT, Stack

# All that is seen or read out, but for what hosts and guests have written themselves, and the choice of language.
WORDS = """() => {
  const words = [];
  const told = (node) => !node.closest("bdi, script, style, noscript, .brand, .languages, .proof-text, [hidden]");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (told(walker.currentNode.parentElement)) words.push(walker.currentNode.data);
  for (const node of document.querySelectorAll("[aria-label], [placeholder], [alt], [title]"))
    if (told(node)) for (const name of ["aria-label", "placeholder", "alt", "title"])
      words.push(node.getAttribute(name) ?? "");
  return words.map((text) => text.replace(/\\s+/g, " ").trim()).filter((text) => /\\p{L}/u.test(text));
}"""
SMALL_PHONE: ViewportSize = {"width": 360, "height": 740}
CHOSEN = ".language[aria-current]"


def english(language: str) -> re.Pattern[str]:
    """Every sentence that has a translation, with anything in its places."""
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    sentences = [key[0] if isinstance(key, tuple) else key for key, text in catalogue.items() if key != text and key]
    # Markup ends a text node; a single short word may be a word of both languages.
    pieces = {piece.strip() for sentence in sentences for piece in re.split(r"<[^>]+>", sentence)}
    places = re.compile(r"\{\w+\}|%\(\w+\)[sd]")
    telling = [piece for piece in pieces if len(places.sub("", piece)) > 3]
    return re.compile("|".join(".+".join(map(re.escape, places.split(piece))) for piece in telling))


def expect_spoken(page: Page, language: str) -> None:
    """The page says which language it is in, and is."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    words = page.evaluate(WORDS)
    sentences = english(language)
    assert words and [text for text in words if sentences.fullmatch(text)] == []
    if language == "ja":  # where it is seen at once
        assert [text for text in words if re.search(r"[A-Za-z]{3,} [a-z]{2,}", text)] == []
    assert_fits(page)


@pytest.mark.parametrize(
    ("locale", "turn", "counted"),
    [("es-MX", "¡Es su turno!", "Contado"), ("ja-JP", "お呼び出しです", "集計されました")],
)
def test_a_guest_reads_their_own_language_all_the_way(
    open_page: Open, stack: Stack, locale: str, turn: str, counted: str
) -> None:
    language, line = locale[:2], stack.open_line(eventName="7")
    guest = open_page(f"/queue/{line.code}", viewport=SMALL_PHONE, locale=locale)
    expect_spoken(guest, language)
    guest.locator("form.card .button-primary").click()
    expect(guest.locator("[data-position]")).to_have_text("1")
    expect_spoken(guest, language)
    guest.locator("[data-leave]").click()
    expect_spoken(guest, language)
    guest.locator("[data-leave-dialog] [data-stay]").click()
    line.host("advance")
    expect(guest.get_by_text(turn)).to_be_visible()
    expect_spoken(guest, language)

    poll = open_poll(stack, mayChange=True)
    voter = open_page(f"/vote/{poll['code']}", viewport=SMALL_PHONE, locale=locale)
    expect_spoken(voter, language)
    voter.locator("[name=choices]").first.check()
    voter.locator("[data-send]").click()
    expect(voter.get_by_role("heading", name=counted)).to_be_visible()
    expect(voter.locator("[data-percent]").first).to_have_text({"es": "100\u00a0%", "ja": "100%"}[language])
    expect_spoken(voter, language)
    for path in (f"/vote/{poll['code']}/receipt", f"/vote/{poll['code']}/results", f"/queue/{line.code}/wall"):
        voter.goto(path)
        expect_spoken(voter, language)


def test_what_the_server_refuses_is_said_in_the_voters_language(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack)
    voter = open_page(f"/vote/{poll['code']}", locale="ja-JP", errors_allowed=True)

    def picks_another_choice(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        unsigned = {name: value for name, value in body.items() if name not in {"key", "signature"}}
        route.continue_(post_data=json.dumps(unsigned | {"choices": [99]}))

    voter.route("**/ballot", picks_another_choice)
    voter.locator("[name=choices]").first.check()
    voter.locator("[data-send]").click()
    expect(voter.locator("[data-reason]")).to_have_text("この選択肢はありません。")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_language_is_changed_on_the_page_and_place_and_page_are_kept(
    open_page: Open, stack: Stack, scripts: bool
) -> None:
    line = stack.open_line()
    line.join("Ana")
    guest = open_page(f"/queue/{line.code}", java_script_enabled=scripts)
    guest.get_by_role("button", name="Join the line").click()
    expect(guest.locator("[data-position]")).to_have_text("2")
    for name, language in (("日本語", "ja"), ("Español", "es"), ("English", "en")):
        guest.get_by_role("button", name=name).click()
        expect(guest.locator("html")).to_have_attribute("lang", language)
        expect(guest.locator(CHOSEN)).to_have_text(name)
        assert guest.url.partition("#")[0].endswith(f"/queue/{line.code}/ticket")
        expect(guest.locator("[data-position]")).to_have_text("2")
    guest.get_by_role("button", name="Español").click()
    guest.goto(f"/queue/{line.code}/wall")
    expect(guest.locator("html")).to_have_attribute("lang", "es")


def test_english_is_found_where_it_is_left(open_page: Open, stack: Stack) -> None:
    voter = open_page(f"/vote/{open_poll(stack)['code']}")
    expect(voter.get_by_text(QUESTION)).to_be_visible()
    found = english("es")
    assert {"Pick one.", "Vote"} <= {text for text in voter.evaluate(WORDS) if found.fullmatch(text)}
