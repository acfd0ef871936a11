"""Decision 0041: a form whose answer was lost is sent again and makes one thing; the same text after an answer makes another.

Each form of our pages is listed here, by what it does (decision 0041).
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory

from queues.models import Queue
from tests.config.creating_forms import (
    MAKERS,
    add_account,
    add_exception,
    add_role,
    invite_person,
    kiosk_join,
    let_pass,
    message,
    new_poll,
    new_room,
    one_time_codes,
    open_line,
    sign_in_as_member,
    walk_in,
)
from tests.config.shown_forms import Maker, Shown, forms_on, leads_to
from tests.page_client import page
from tests.polls.page_client import poll_by_form
from tests.queues.page_client import join, line_by_form
from tests.rooms.page_client import room_by_form
from venues.models import Membership, User

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]


@pytest.fixture(params=MAKERS, ids=lambda maker: maker.__name__)
def maker(request: pytest.FixtureRequest) -> Maker:
    made: Maker = request.param(Client())
    return made


# Of which there may be two alike; an address is one person's, who has one role in a venue, which has one exception a date.
REPEATABLE = [make for make in MAKERS if make not in {add_account, add_role, add_exception}]
# A page of before another message was sent shows another one than stands by then (decision 0033).
IN_TWO_TABS = [make for make in REPEATABLE if make is not message]


@pytest.fixture(params=REPEATABLE, ids=lambda maker: maker.__name__)
def repeatable(request: pytest.FixtureRequest) -> Maker:
    made: Maker = request.param(Client())
    return made


def test_each_page_of_the_admin_that_adds_is_one_of_these() -> None:
    boss = RequestFactory().get("/")
    boss.user = User(is_active=True, is_staff=True, is_superuser=True)
    adding = {each.opts.label_lower for each in admin.site._registry.values() if each.has_add_permission(boss)}
    venues = {"venue", "user", "membership", "apikey", "service", "hoursexception"}
    assert adding == {"polls.poll", *(f"venues.{name}" for name in venues)}


# Which make nothing: the same state again (twice is fine), or carry what the host saw (decision 0033), or the id of what
# they are about. A join is the browser's (test_join_again.py), a ballot has its own id, a token is renewed on purpose, a code
# for another device of a line is shown again while it can be used.
CHANGES = {
    "call", "call-again", "seat", "more-time", "no-show", "remove", "put-back", "dismiss", "up", "down", "edit", "clear-message",
    "settings", "undo", "pause", "resume", "close", "open", "reset", "delete", "poll-edit", "nearby", "leave", "restore",
    "set_language", "sign-in", "sign-out", "join", "vote", "own-vote", "receipt", "line-vote", "line-own-vote", "line-receipt",
    "renew-token", "poll-renew-token", "room-renew-token", "host-key", "host-key-kept", "find-code", "mfa_login_webauthn",
    "change-role",
    "remove-member", "revoke-invitation", "open-service", "use-service", "new-date", "remove-date", "venue-settings",
    "venue-clock", "venue-look", "venue-joining", "venue-after", "venue-words", "venue-logo",
    "end-api-key", "remove-device", "tablet", "queue-device", "tables", "tables-order", "rename-section",
    "kiosk-start", "kiosk-leave", "take", "change-party", "tell-ahead", "visit", "to-top", "to-place", "behind", "wait",
    "clear-wait", "clear-party-message", "free", "change-table", "texts", "texts-action",
}  # fmt: skip
# Pages on which owners look after their venue.
OWNERS = [
    "/venue/people", "/venue", "/venue/services", "/venue/services/new", "/venue/keys", "/venue/webhooks", "/venue/sms",
    "/venue/devices", "/venue/tables",
]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------------- tests
def test_each_form_that_is_shown_is_one_of_these(client: Client) -> None:
    makers = [make(Client()) for make in (open_line, new_poll, new_room, walk_in, let_pass, one_time_codes, kiosk_join)]
    shown = {form.name for each in makers for form in forms_on(each.browser, each.path)}
    shown |= {form.name for form in forms_on(client, "/sign-in")}
    inviting = invite_person(Client())
    for path in OWNERS:
        shown |= {form.name for form in forms_on(inviting.browser, path)}
    line, draft = line_by_form(client), poll_by_form(client, open_now="no")
    poll, room = poll_by_form(client), room_by_form(client)
    guest = Client()
    shown |= {form.name for form in forms_on(guest, f"/queue/{line.code}")}
    called = join(guest, line)
    join(Client(), line)
    client.post(f"/queue/{line.code}/host/call", {"party": called.pk})
    paths = [
        f"/queue/{line.code}/host", f"/polls/{draft.code}/host", f"/polls/{draft.code}/host/edit",
        f"/rooms/{room.code}/host", f"/polls/{poll.code}/host", f"/vote/{poll.code}/own", f"/queue/{line.code}/host/device",
    ]  # fmt: skip
    shown |= {form.name for path in paths for form in forms_on(client, path)}
    for path in ("ticket", "leave"):
        shown |= {form.name for form in forms_on(guest, f"/queue/{line.code}/{path}")}
    makes = {
        "home", "lines", "new-poll", "new-room", "walk-in", "message", "message-party", "let-pass", "poll-codes", "people",
        "new-service",
        "api-keys", "webhooks", "devices", "kiosk",
    }  # fmt: skip
    assert shown - CHANGES == makes - {"lines"}, "say of a new form what it does when it is sent again"


def test_sent_again_in_any_way_it_is_one_thing_until_the_answer_comes(maker: Maker) -> None:
    first, second = maker.show(), maker.show()
    lost = leads_to(maker.lose(first))
    assert leads_to(maker.lose(first)) == lost, "the same page"
    assert leads_to(maker.lose(second)) == lost, "another tab"
    form = maker.show()
    assert leads_to(maker.send(form)) == lost, "the page loaded anew"
    assert leads_to(maker.send(form)) == lost, "the way back"
    assert maker.count() == 1


def test_the_same_text_after_the_answer_is_another_thing(repeatable: Maker) -> None:
    form = repeatable.show()
    repeatable.lose(form)
    found = leads_to(repeatable.send(form))
    for how_many in (2, 3):
        repeatable.send(repeatable.show())
        assert repeatable.count() == how_many
    assert leads_to(repeatable.send(form)) == found, "the way back, from far"
    assert repeatable.count() == 3


@pytest.mark.parametrize("make", IN_TWO_TABS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("backwards", [False, True])
def test_two_tabs_with_the_same_text_on_purpose_are_two(make: Callable[[Client], Maker], backwards: bool) -> None:
    maker = make(Client())
    tabs = [maker.show(), maker.show()]
    if backwards:
        tabs.reverse()
    places = [leads_to(maker.send(form)) for form in tabs]
    assert maker.count() == 2
    again = [leads_to(maker.send(form)) for form in tabs]
    assert (again, maker.count()) == (places, 2), "the way back in each of them"


def test_another_text_is_another_thing_though_an_answer_was_lost(maker: Maker) -> None:
    form = maker.show()
    maker.lose(form)
    if maker.name == "message":  # as in two tabs
        form = maker.show()
    maker.send(form, other=True)
    assert maker.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_slow_send_and_the_one_from_the_page_loaded_anew_make_one(make: Callable[[Client], Maker]) -> None:
    maker = make(Client())
    shown = [maker.show(), maker.show()]
    together = Barrier(len(shown))

    def tab(form: Shown) -> str:
        browser = Client()
        browser.cookies.load({name: morsel.value for name, morsel in maker.browser.cookies.items()})
        together.wait()
        try:
            return leads_to(maker.send(form, browser=browser))
        finally:
            connection.close()

    with ThreadPoolExecutor(len(shown)) as threads:
        assert len(set(threads.map(tab, shown))) == 1
    assert maker.count() == 1


def test_what_was_sent_before_the_sign_in_is_led_to_after_it() -> None:
    """Signed in, the form asks whose a poll or room is; not of what is made already."""
    for make in (new_poll, new_room):
        maker = make(Client())
        form = maker.show()
        lost = maker.lose(form)
        sign_in_as_member(maker.browser)
        assert leads_to(maker.send(form)) == leads_to(lost)
        assert maker.count() == 1
        Membership.objects.all().delete()
        User.objects.all().delete()


def test_the_host_is_told_that_a_walk_in_was_there_already_and_adds_another_like_it(client: Client) -> None:
    maker = walk_in(client)
    maker.lose(maker.show())
    maker.send(maker.show())
    assert "This walk-in was added before, as ticket #1." in page(client, maker.path)
    maker.send(maker.show())
    assert "Added, ticket #2." in page(client, maker.path)


def test_a_walk_in_that_was_refused_is_sent_again(client: Client) -> None:
    maker = walk_in(client)
    Queue.objects.update(max_guests=1)
    form = maker.show()
    maker.send(form)
    assert maker.count() == 0
    maker.typed = {**maker.typed, "over_capacity": "1"}
    maker.lose(form)
    maker.typed.pop("over_capacity")
    maker.send(maker.show())
    assert maker.count() == 1, "by either of the two buttons"


def test_what_a_browser_keeps_tells_nothing_and_made_up_values_count_for_nothing(client: Client) -> None:
    maker = open_line(client)
    form = maker.show()
    cookie = client.cookies["form_line"]
    assert re.fullmatch("[0-9a-f]{16}", cookie.value)
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 24 * 3600
    for made_up in ("", "x" * 16, "0" * 15, "0" * 16 + ".", "é" * 16, "a" * 5000):
        client.cookies["form_line"] = made_up
        maker.send(form)
    assert maker.count() == 1, "the form's own key is left"


def test_what_a_browser_keeps_stays_small(client: Client) -> None:
    maker = open_line(client)
    for _ in range(12):
        maker.send(maker.show())
    assert maker.count() == 12
    assert len(client.cookies["form_line"].value) < 300


def test_another_browser_with_the_same_number_makes_its_own(client: Client) -> None:
    maker = open_line(client)
    form = maker.show()
    maker.send(form)
    thief = Client()
    thief.get("/")
    thief.cookies["form_line"] = client.cookies["form_line"].value
    maker.send(form, browser=thief)
    assert maker.count() == 2


@pytest.mark.parametrize("make", [open_line, new_poll, new_room])
def test_a_form_sent_again_gives_no_rights_that_a_renewed_token_has_ended(make: Callable[[Client], Maker]) -> None:
    tablet = Client()
    maker = make(tablet)
    form = maker.show()
    place = leads_to(maker.send(form))
    host = Client()
    host.cookies.load({name: morsel.value for name, morsel in tablet.cookies.items()})
    tablet.cookies.pop("sessionid", None)
    assert host.post(f"{place}/renew-token").status_code == 303
    assert leads_to(maker.send(form)) == place
    assert tablet.get(place).status_code in {302, 403}
    assert host.get(place).status_code == 200
