"""Buttons of the console do what they say: the walk-in beyond a full line, more time, undo within ten minutes."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from outbox.models import Event
from queues import commands
from queues.models import Party
from tests.queues.console_client import form, press, shown
from tests.queues.page_client import join, line_by_form

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]


# --------------------------------------------------------------------------------------------------------------- a full line
def test_a_full_line_is_seen_and_takes_a_walk_in_only_by_the_button_that_says_so() -> None:
    host = Client()
    line = line_by_form(host, max_guests="4")
    join(Client(), line, name="Ann", size=3)
    assert "Open: guests" in shown(host, line)
    join(Client(), line, name="Bob", size=1)
    html = shown(host, line)
    assert "Full: guests who scan are told so." in html and 'data-in-line>4 <span class="of">of 4' in html
    fields = {"key": str(uuid4()), "name": "Cleo", "size": "2"}
    status, refused = press(host, line, "walk-in", fields)
    assert status == 409 and "This line is full." in refused
    assert press(host, line, "walk-in", fields | {"over_capacity": "1"})[0] == 200
    assert press(host, line, "walk-in", fields | {"over_capacity": "1"})[0] == 200
    assert Party.objects.filter(queue=line, name="Cleo").count() == 1, "the same key is the same party"
    assert Event.objects.get(type="QUEUE_MEMBER_JOINED", party_id=Party.objects.get(name="Cleo").pk).data[
        "overCapacity"
    ]
    guest = Client().post(f"/queue/{line.code}", {"name": "Dan", "size": "1", "key": str(uuid4())})
    assert guest.status_code == 409, "guests cannot, with or without the button's word"
    guest = Client().post(
        f"/queue/{line.code}", {"name": "Dan", "size": "1", "key": str(uuid4()), "over_capacity": "1"}
    )
    assert guest.status_code == 409


# ------------------------------------------------------------------------------------------------- what the button says
@pytest.mark.parametrize("window_s", [30, 45, 60, 90, 120, 150, 300, 600, 3600])
@pytest.mark.parametrize("over", [False, True], ids=["in time", "late"])
def test_more_time_is_what_the_button_says(window_s: int, over: bool) -> None:
    host = Client()
    line = line_by_form(host)
    commands.edit_line(line.code, call_window_s=window_s)
    party = join(Client(), line, name="Ann")
    commands.call(line.code, party_id=party.pk)
    party.refresh_from_db()
    assert party.call_deadline
    if over:
        Party.objects.filter(pk=party.pk).update(call_deadline=party.call_deadline - timedelta(seconds=window_s))
        party.refresh_from_db()
    html = shown(host, line)
    label = re.search(r">\+(\d+) (s|min)<", html)
    assert label
    says_s = int(label[1]) * (60 if label[2] == "min" else 1)
    fields = form(html, "seat", party=party)
    # Another window from now on: the button was pressed as it stood there.
    commands.edit_line(line.code, call_window_s=20)
    assert press(host, line, "more-time", fields)[0] == 200
    before = party.call_deadline
    party.refresh_from_db()
    given = Event.objects.get(type="QUEUE_MEMBER_GIVEN_TIME", stream_id=line.pk)
    assert before and party.call_deadline == max(before, given.at) + timedelta(seconds=says_s)


# ---------------------------------------------------------------------------------------------------------------- undo ends
def test_undo_ends_after_ten_minutes_on_the_page_and_in_the_command() -> None:
    host = Client()
    line = line_by_form(host)
    party = join(Client(), line, name="Ann")
    commands.serve(line.code, party_id=party.pk)
    html = shown(host, line)
    assert "Undo: seated #1" in html
    fields = form(html, "undo")
    newest = Event.objects.filter(stream_id=line.pk).order_by("-version").first()
    assert newest
    Event.objects.filter(pk=newest.pk).update(at=newest.at - timedelta(minutes=10))
    status, refused = press(host, line, "undo", fields)
    assert status == 409 and "nothing to undo" in refused
    assert 'data-undo="' not in refused and 'data-undo="' in press(host, line, "pause", {})[1]
    assert Party.objects.get(pk=party.pk).status == "served"
