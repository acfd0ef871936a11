"""Lines that take only guests who are here: the code on the wall, at every way in (decision 0064)."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core import clock
from core.errors import Forbidden
from core.rolling_codes import PERIOD
from queues import commands, selectors, shapes
from queues.here import code_of
from queues.models import Queue
from tests.database_clock import DatabaseClock
from tests.page_client import page, signed_in
from tests.queues.page_client import line_by_form
from venues import commands as venue_commands
from venues.models import Membership, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(host: Client) -> Queue:
    """A line that takes only guests who are here, and the browser of its host."""
    opened = line_by_form(host)
    commands.edit_line(opened.pk, here_only=True)
    opened.refresh_from_db()
    return opened


def api_join(line: Queue, **body: Any) -> Any:
    key = body.pop("key", str(uuid4()))
    client = Client(headers={"Idempotency-Key": key})
    return client.post(f"/api/queue/{line.code}/join", body, content_type="application/json")


def form_join(guest: Client, line: Queue, **fields: str) -> Any:
    return guest.post(f"/queue/{line.code}", {"size": "2", "key": str(uuid4()), **fields})


def test_any_line_may_be_joined_from_anywhere_unless_a_host_says_otherwise(guest: Client, host: Client) -> None:
    opened = line_by_form(host)
    assert not opened.here_only
    assert 'name="here"' not in page(guest, f"/queue/{opened.code}")
    assert form_join(guest, opened).status_code == 303


def test_guests_type_the_code_on_the_wall(guest: Client, line: Queue) -> None:
    assert "Code on the wall" in page(guest, f"/queue/{line.code}")
    code = code_of(line).at(clock.now())
    for wrong, status, complaint in (("", 400, "This field is required"), ("ABCDEF", 403, "look at the wall again")):
        refused = form_join(guest, line, here=wrong, name="Ana")
        assert (refused.status_code, complaint in refused.content.decode()) == (status, True), wrong
        assert 'value="Ana"' in refused.content.decode(), "nothing typed is lost"
    assert form_join(guest, line, here=f" {code.lower()[:3]} {code.lower()[3:]}").status_code == 303
    assert line.parties.count() == 1


def test_a_form_from_before_the_limit_is_shown_again_with_the_field(guest: Client, line: Queue) -> None:
    refused = form_join(guest, line)
    assert refused.status_code in {400, 403} and 'name="here"' in refused.content.decode()


def test_a_command_refuses_by_the_clock_under_the_lock(watch: DatabaseClock) -> None:
    opened = commands.open_line(commands.NewLine(event_name="Friday", max_guests=20))
    commands.edit_line(opened.pk, here_only=True)
    code = code_of(opened).at(clock.now())
    commands.join(opened.pk, here=code, key="k" * 32)
    watch.forward(seconds=PERIOD.total_seconds())
    commands.join(opened.pk, here=code)
    watch.forward(seconds=PERIOD.total_seconds())
    with pytest.raises(Forbidden):
        commands.join(opened.pk, here=code)
    assert commands.join(opened.pk, here=code, key="k" * 32).again, "whose answer was lost"


def test_hosts_walk_ins_need_no_code(line: Queue) -> None:
    assert commands.add_walk_in(line.pk).party.ticket == 1


# ------------------------------------------------------------------------------------------------------------- the wall
def test_the_wall_shows_the_code_on_a_hosts_screen_alone(guest: Client, host: Client, line: Queue) -> None:
    shown = page(host, f"/queue/{line.code}/wall")
    codes = re.findall(r"<strong>([A-Z2-9]{6})</strong>", shown)
    assert len(codes) == 1 and form_join(guest, line, here=codes[0]).status_code == 303
    assert 0 <= int(re.findall(r'data-here="(\d+)"', shown)[0]) <= PERIOD.total_seconds() * 1000
    public = page(guest, f"/queue/{line.code}/wall")
    assert 'data-here="' not in public and "that a host’s screen shows" in public
    assert codes[0] not in public


def test_no_public_answer_has_the_code(guest: Client, line: Queue) -> None:
    code = code_of(line).at(clock.now())
    row = selectors.current_row(line.pk)
    assert row is not None
    public = shapes.public(row)
    assert public["hereOnly"] is True and code not in str(public), "programs see that they need it"
    for path in ("", "/wall", "/qr.svg", "/poster"):
        assert code not in page(guest, f"/queue/{line.code}{path}")


@pytest.mark.thorough
def test_a_venues_lines_have_its_rule_and_one_code(guest: Client) -> None:
    venue = venue_commands.create_venue(name="Casa Azul", timezone_name="Europe/Madrid")
    before = commands.open_line(commands.NewLine(event_name="Lunch", max_guests=20), venue=venue)
    owner = signed_in("ana", venue)
    Membership.objects.update(role="owner")
    assert owner.post("/venue/joining", {"here_only": "on"}).status_code == 303
    venue = Venue.objects.get(pk=venue.pk)
    dinner, bar = (
        commands.open_line(commands.NewLine(event_name=name, max_guests=20), venue=venue) for name in ("Dinner", "Bar")
    )
    before.refresh_from_db()
    assert (before.here_only, dinner.here_only, bar.here_only) == (False, True, True)
    wall = f"/v/{venue.slug}/wall"
    [code] = re.findall(r"<strong>([A-Z2-9]{6})</strong>", page(owner, wall))
    assert code not in page(guest, wall)
    commands.join(dinner.pk, here=code)
    commands.join(bar.pk, here=code)
    for line in (before, bar):
        commands.close(line.pk)
    assert code in page(owner, wall), "of the one line that is open"
    assert owner.post("/venue/joining", {}).status_code == 303
    assert not Venue.objects.get(pk=venue.pk).here_only
