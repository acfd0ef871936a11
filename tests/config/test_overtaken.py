"""Two people save one page of settings: the later one is told, sees both, and loses nothing (decision 0105)."""

import io
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from reach import commands as reach_commands
from reach.commands.texts import Texts
from tests.config.settings_forms import CASES, Case, House, a_house, fresh
from tests.config.whole_forms import Whole, whole_forms
from tests.page_client import page
from tests.queues.test_what_the_host_saw import CASES as CONSOLE
from tests.routes import django_routes, filled
from tests.threads import in_threads
from tests.venues.people_of_venue import browser_of
from venues.models import Membership, User

pytestmark = pytest.mark.django_db

# Forms of these pages that save no settings which another person may have changed, and why.
_MAKES = "makes something (web/sending.py)"
_BUTTON = "a button: it says what is wanted, of a thing that it names"
_LOOKS = "looks something up"
_OWN = "a person's own"
WITHOUT = {
    **dict.fromkeys(
        ("tables", "api-keys", "webhooks", "people", "devices", "new-service", "new-poll", "new-room"), _MAKES
    ),
    **dict.fromkeys(("lines", "home", "poll-codes", "queue-device", "poll-device", "room-device"), _MAKES),
    **dict.fromkeys(
        ("open-service", "use-service", "remove-date", "remove-table", "remove-member", "remove-device"), _BUTTON
    ),
    **dict.fromkeys(("revoke-invitation", "end-api-key", "forget-guest", "sign-out", "tablet", "renew-token"), _BUTTON),
    **dict.fromkeys(("test", "secret", "remove", "send-again", "replay", "enable", "rotate-webhook"), _BUTTON),
    **dict.fromkeys(
        ("open", "close", "reset", "delete", "poll-renew-token", "room-renew-token", "host-guest-file"), _BUTTON
    ),
    **dict.fromkeys(("host-guest-data", "host-key-kept"), _BUTTON),
    **dict.fromkeys(("guests", "find-guest", "find-code", "host-key", "proxy-check"), _LOOKS),
    **dict.fromkeys(("choose-weekly-mail", "kiosk-start", "kiosk-leave"), _OWN),
    "rename-section": "names the section as it was: one of another name is refused",
    "venue-logo": "below: a picture is no text",
    **dict.fromkeys(CONSOLE, "tests/queues/test_what_the_host_saw.py"),
}


@pytest.fixture
def house() -> House:
    return a_house()


def other_owner(house: House) -> Client:
    """The browser of a second owner, who has a name."""
    user = User.objects.create_user("bea@example.com", "long enough", first_name="Bea", last_name="Sol")
    Membership.objects.create(venue=house.venue, user=user, role="owner")
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def form_of(name: str, html: str, path: str, house: House) -> Whole:
    """The form on the page; of several alike, that of the house's host, or the first."""
    found = [each for each in whole_forms(html, path) if each.name == name]
    return next((each for each in found if f"/{house.host.pk}/role" in each.action), found[0])


def texts(typed: Any, house: House) -> dict[str, object]:
    """The values, with what they say of the house filled in."""
    return {name: text.format(house=house) if isinstance(text, str) else text for name, text in typed.items()}


def open_form(browser: Client, name: str, case: Case, house: House) -> Whole:
    path = case.page(house)
    return form_of(name, page(browser, path), path, house)


def send(browser: Client, form: Whole, typed: Any = None) -> Any:
    return browser.post(form.action, form.typed(typed or {}))


def plain(html: str) -> str:
    """The text of markup, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", unescape(html)))


def pages(house: House) -> Iterator[str]:
    """All pages of the venue and of its things that an owner opens."""
    known = {
        "service_id": str(house.service.pk), "table_id": str(house.table.pk), "webhook": str(house.webhook.pk), "ticket": "1",
    }  # fmt: skip
    for route in django_routes():
        if re.match(r"/(venue|lines|polls/<|polls/new|rooms/|queue/<code:code>/host|tablet|kiosk)", route):
            code = house.poll.code if route.startswith("/polls") else house.line.code
            yield filled(route, code=code, **known)


def test_each_form_of_a_venues_pages_says_what_it_showed_or_why_it_need_not(house: House) -> None:
    owner, missing, found = browser_of("owner"), [], set()
    for path in pages(house):
        answer = owner.get(path)
        if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
            continue
        for form in whole_forms(answer.content.decode(), path):
            found.add(form.name)
            if form.name in CASES or form.name == "venue-logo":
                assert form.fields.get("saw", [""])[0], f"{form.name} on {path} does not say what it showed"
            elif form.name not in WITHOUT:
                missing.append((path, form.name))
    assert missing == [], "compare what they showed (web/settings_form.py), or say why not"
    assert CASES.keys() <= found


@pytest.mark.parametrize("name", CASES)
def test_what_another_saved_meanwhile_is_shown_and_not_overwritten(name: str, house: House) -> None:
    """Both values stand on the page. What was typed is still in the form: sent as it is, it is saved."""
    case, mine, theirs = CASES[name], browser_of("owner"), other_owner(house)
    form = open_form(mine, name, case, house)
    answer = send(theirs, open_form(theirs, name, case, house), texts(case.theirs, house))
    assert answer.status_code in (200, 303), answer.content.decode()
    left = case.kept(house)
    refused = send(mine, form, texts(case.mine, house))
    html = refused.content.decode()
    assert refused.status_code == 409, html[-3000:]
    assert case.kept(house) == left, "nothing is written"
    told = plain(html.partition("overtaken")[2])
    assert "Not saved" in told and f"now {case.now}" in told and f"you typed {case.typed}" in told, told
    assert "Bea Sol changed this" in told or name in ("poll-edit",), told
    again = send(mine, form_of(name, html, form.action, house))
    assert again.status_code in (200, 303), again.content.decode()
    assert case.kept(house) != left, "what was typed is saved now"


@pytest.mark.parametrize("name", CASES)
def test_the_same_saved_by_both_is_no_conflict(name: str, house: House) -> None:
    case, mine, theirs = CASES[name], browser_of("owner"), other_owner(house)
    forms = [open_form(mine, name, case, house), open_form(theirs, name, case, house)]
    for browser, form in zip((mine, theirs), forms, strict=True):
        assert send(browser, form, texts(case.mine, house)).status_code in (200, 303)


def test_people_on_different_pages_do_not_disturb_each_other(house: House) -> None:
    """All forms are opened first, then saved one after another."""
    owner = browser_of("owner")
    forms = {name: open_form(owner, name, case, house) for name, case in CASES.items()}
    statuses = {name: send(owner, form, texts(CASES[name].mine, house)).status_code for name, form in forms.items()}
    assert {name: status for name, status in statuses.items() if status not in (200, 303)} == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_exactly_one_is_refused(house: House) -> None:
    mine, theirs = browser_of("owner"), other_owner(house)
    outcomes: dict[str, list[int]] = {}
    for name, case in CASES.items():
        waiting = [
            (browser, open_form(browser, name, case, house), texts(typed, house))
            for browser, typed in ((mine, case.mine), (theirs, case.theirs))
        ]
        outcomes[name] = sorted(in_threads(2, lambda waiting=waiting: send(*waiting.pop()).status_code))  # type: ignore[misc]
    assert {name: found for name, found in outcomes.items() if found not in ([303, 409], [200, 409])} == {}


def test_a_logo_that_another_person_has_set_is_not_replaced_unseen(house: House) -> None:
    mine, theirs = browser_of("owner"), other_owner(house)
    forms = [
        next(each for each in whole_forms(page(who, "/venue"), "/venue") if each.name == "venue-logo")
        for who in (mine, theirs)
    ]

    def upload(browser: Client, form: Whole, colour: int) -> Any:
        out = io.BytesIO()
        Image.new("L", (30, 30), colour).save(out, "PNG")
        return browser.post(form.action, {**form.fields, "picture": SimpleUploadedFile("a.png", out.getvalue())})

    assert upload(theirs, forms[1], 10).status_code == 303
    [kept] = fresh(house.venue, "logo")
    refused = upload(mine, forms[0], 90)
    assert refused.status_code == 409 and fresh(house.venue, "logo") == [kept]
    html = refused.content.decode()
    assert house.venue.logo_url in html and "Bea Sol changed this" in html
    form = form_of("venue-logo", html, "/venue", house)
    gone = {**form.fields, "remove": "yes"}
    assert mine.post(form.action, {**forms[0].fields, "remove": "yes"}).status_code == 409
    assert mine.post(form.action, gone).status_code == 303 and fresh(house.venue, "logo") == [""]


def test_a_form_with_another_fault_keeps_what_it_showed(house: House) -> None:
    """What the page shows again is not what stands: saved then, it is still refused."""
    mine, case = browser_of("owner"), CASES["venue-after"]
    form = open_form(mine, "venue-after", case, house)
    wrong = send(mine, form, {"ask_after_min": "soon"})
    assert wrong.status_code == 400
    assert send(other_owner(house), form, case.theirs).status_code == 303
    assert send(mine, form_of("venue-after", wrong.content.decode(), "/venue", house), case.mine).status_code == 409


@pytest.mark.parametrize("saw", ["", "\x00", "name=0 slug", "name=" + "f" * 16_000, "rest=none", "=" * 99])
def test_a_mark_that_is_not_ours_is_no_fault(saw: str, house: House) -> None:
    answer = browser_of("owner").post("/venue", {"name": "Casa Rosa", "slug": "casa-rosa", "saw": saw})
    assert answer.status_code in (303, 409) or saw == "\x00", answer.status_code


def test_the_page_reveals_nothing_of_a_secret_that_it_does_not_show(house: House) -> None:
    owner, paths = browser_of("owner"), []
    for token in ("a" * 32, "b" * 32, "a" * 32):
        texts = Texts(kind="twilio", sid="AC" + "0" * 32, token=token, sender="Casa")
        reach_commands.set_texts(venue_id=house.venue.pk, texts=texts, origin="https://a.example")
        html = page(owner, "/venue/sms")
        assert token not in html
        paths.append(form_of("texts", html, "/venue/sms", house).fields["saw"][0])
    assert paths[0] == paths[2] != paths[1], "another token is seen to be another"
