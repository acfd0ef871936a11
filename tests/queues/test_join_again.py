"""A join whose answer is lost: the browser finds the same place again (decision 0031)."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from core import clock
from queues import commands
from queues.models import Party, Queue
from venues.models import User
from web.browsers import BROWSER_COOKIE

pytestmark = pytest.mark.django_db(transaction=True)


def key_shown(guest: Client, line: Queue) -> str:
    """The key of the join form, rendered now."""
    page = guest.get(f"/queue/{line.code}")
    assert page.status_code == 200, page.content.decode()
    [key] = re.findall(r'name="key" value="([^"]+)"', page.content.decode())
    return str(key)


def send(guest: Client, line: Queue, key: str, name: str = "Ben") -> Any:
    return guest.post(f"/queue/{line.code}", {"name": name, "size": "2", "key": key})


def lost(guest: Client, line: Queue, key: str, name: str = "Ben") -> None:
    """Sends the form; its answer, with the cookies in it, never arrives."""
    before = {name_of: morsel.value for name_of, morsel in guest.cookies.items()}
    assert send(guest, line, key, name).status_code == 303
    for name_of in list(guest.cookies):
        if name_of not in before:
            del guest.cookies[name_of]
        else:
            guest.cookies[name_of] = before[name_of]


def leads_to(answer: Any, party: Party) -> bool:
    return answer.status_code == 303 and bool(answer["Location"].endswith(f"/ticket#place={party.pk}"))


def test_after_a_lost_answer_the_join_page_leads_to_the_place(guest: Client, line: Queue) -> None:
    lost(guest, line, key_shown(guest, line))
    party = line.parties.get()
    assert f"place_{line.code}" not in guest.cookies
    assert leads_to(guest.get(f"/queue/{line.code}"), party)
    assert guest.get(f"/queue/{line.code}/place.json").json()["ticket"] == party.ticket


def test_forms_rendered_before_and_after_make_one_party(guest: Client, line: Queue) -> None:
    first = key_shown(guest, line)
    second = key_shown(guest, line)
    lost(guest, line, first)
    party = line.parties.get()
    for key in (first, second, "5f0f3f0e-2b7c-4b8e-9d53-0d2f6f0c4a11"):
        lost(guest, line, key, name="Ben again")
        assert leads_to(send(guest, line, key), party)
        del guest.cookies[f"place_{line.code}"]
    assert line.parties.get() == party


def test_two_tabs_at_the_same_instant_make_one_party(guest: Client, line: Queue) -> None:
    keys = [key_shown(guest, line), "5f0f3f0e-2b7c-4b8e-9d53-0d2f6f0c4a11"]
    token = guest.cookies[BROWSER_COOKIE].value
    together = Barrier(len(keys))

    def tab(key: str) -> str:
        own = Client()
        own.cookies[BROWSER_COOKIE] = token
        together.wait()
        try:
            return str(send(own, line, key)["Location"])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(keys)) as threads:
        places = set(threads.map(tab, keys))
    assert len(places) == 1 and line.parties.count() == 1


def test_signing_in_between_changes_nothing(guest: Client, line: Queue) -> None:
    key = key_shown(guest, line)
    lost(guest, line, key)
    guest.force_login(User.objects.create_user("mia@example.org", "a long password"))
    guest.cookies["csrftoken"] = "another0another0another0another0"
    assert leads_to(send(guest, line, key), line.parties.get())


@pytest.mark.thorough
def test_the_old_form_of_an_ended_place_says_so_and_may_be_sent_again(guest: Client, line: Queue) -> None:
    old = key_shown(guest, line)
    lost(guest, line, old)
    commands.leave(line.code, party_id=line.parties.get().pk)
    answer = send(guest, line, old, name="Ben")
    page = answer.content.decode()
    assert answer.status_code == 409 and "its place has ended" in page and 'value="Ben"' in page
    assert line.parties.count() == 1
    [new] = re.findall(r'name="key" value="([^"]+)"', page)
    lost(guest, line, new)
    lost(guest, line, new)
    assert [party.status for party in line.parties.order_by("ticket")] == [Party.Status.LEFT, Party.Status.WAITING]


def test_without_cookies_the_form_is_the_browser(line: Queue) -> None:
    key = key_shown(Client(), line)
    place = send(Client(), line, key)["Location"]
    assert send(Client(), line, key)["Location"] == place
    party = line.parties.get()
    commands.leave(line.code, party_id=party.pk)
    answer = send(Client(), line, key)
    assert answer.status_code == 409
    [new] = re.findall(r'name="key" value="([^"]+)"', answer.content.decode())
    assert not leads_to(send(Client(), line, new), party)
    assert line.parties.count() == 2


@pytest.mark.thorough
def test_a_place_that_ended_unseen_is_told_and_a_new_join_makes_a_new_party(guest: Client, line: Queue) -> None:
    lost(guest, line, key_shown(guest, line))
    first = line.parties.get()
    commands.leave(line.code, party_id=first.pk)
    assert f"ticket {first.ticket}, has ended" in guest.get(f"/queue/{line.code}").content.decode()
    assert guest.get(f"/queue/{line.code}/ticket").status_code == 200, "See how"
    send(guest, line, key_shown(guest, line))
    assert line.parties.filter(status=Party.Status.WAITING).count() == 1


def test_a_place_that_ended_long_ago_is_not_told(guest: Client, line: Queue) -> None:
    lost(guest, line, key_shown(guest, line))
    line.parties.update(status=Party.Status.LEFT, ended_at=clock.now() - timedelta(hours=25))
    assert "has ended" not in guest.get(f"/queue/{line.code}").content.decode()


@pytest.mark.thorough
def test_a_tablet_at_the_door_joins_for_many(guest: Client, line: Queue) -> None:
    for _ in range(35):  # more than are looked up in one statement
        lost(guest, line, key_shown(guest, line))
        party = line.parties.get(status=Party.Status.WAITING)
        assert leads_to(guest.get(f"/queue/{line.code}"), party)
        del guest.cookies[f"place_{line.code}"]
        commands.leave(line.code, party_id=party.pk)
    assert line.parties.count() == 35


@pytest.mark.thorough
def test_other_browsers_and_other_lines_have_their_own_places(guest: Client, line: Queue) -> None:
    other_line = commands.open_line(commands.NewLine(event_name="Lunch", max_guests=20))
    other = Client()  # the same address, as behind one router
    keys = {key_shown(guest, line), key_shown(other, line), key_shown(guest, other_line)}
    assert len(keys) == 3
    for browser, queue in ((guest, line), (other, line), (guest, other_line)):
        send(browser, queue, key_shown(browser, queue))
    assert line.parties.count() == 2 and other_line.parties.count() == 1


@pytest.mark.parametrize("made_up", ["", "short", "é" * 64, "g" * 64, "0" * 65])
def test_a_token_that_is_not_ours_counts_for_nothing(line: Queue, made_up: str) -> None:
    for _ in range(2):
        stranger = Client()
        key = key_shown(stranger, line)
        stranger.cookies[BROWSER_COOKIE] = made_up
        assert send(stranger, line, key).status_code == 303
    assert line.parties.count() == 2


def test_the_token_is_kept_from_scripts_and_from_the_table(guest: Client, line: Queue) -> None:
    cookie = guest.get(f"/queue/{line.code}", secure=True).cookies[BROWSER_COOKIE]
    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert cookie["max-age"] == str(400 * 24 * 3600)
    send(guest, line, key_shown(guest, line))
    assert guest.cookies[BROWSER_COOKIE].value == cookie.value, "renewed, not replaced"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM queues_party p WHERE p::text LIKE %s", [f"%{cookie.value}%"])
        assert cursor.fetchone() == (0,)
