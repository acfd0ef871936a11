"""queues/commands/settings.py and messages.py: a line whose name and hours change, and the message to all in line."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import clock
from core.errors import Invalid
from queues import commands, shapes
from queues.models import Queue
from tests.queues.database_lines import Floor

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor() -> Floor:
    """Ann waits."""
    return Floor.opened("Ann")


def test_a_new_closing_time_closes_the_line_then_and_none_after_twelve_hours(floor: Floor) -> None:
    local = clock.now().astimezone(ZoneInfo(floor.queue.timezone)) + timedelta(hours=2)
    commands.edit_line(floor.pk, close_time=time(local.hour, local.minute))
    queue = Queue.objects.get(pk=floor.pk)
    assert timedelta(hours=1, minutes=58) < queue.closes_at - queue.opened_at <= timedelta(hours=2)
    commands.edit_line(floor.pk, close_time=None)
    queue = Queue.objects.get(pk=floor.pk)
    assert (queue.close_time, queue.closes_at) == (None, queue.opened_at + timedelta(hours=12))


def test_a_closing_time_that_is_over_is_refused_and_closes_nothing(floor: Floor) -> None:
    Queue.objects.filter(pk=floor.pk).update(opened_at=clock.now() - timedelta(hours=3))
    past = clock.now().astimezone(ZoneInfo(floor.queue.timezone)) - timedelta(hours=1)
    with pytest.raises(Invalid) as refused:
        commands.edit_line(floor.pk, close_time=time(past.hour, past.minute))
    assert refused.value.field == "closeTime"
    assert commands.close_if_over(floor.pk) is False


def test_a_line_is_renamed_and_moved_while_it_is_open_and_that_is_undone(floor: Floor) -> None:
    before = floor.queue.event_name
    commands.edit_line(floor.pk, event_name="  Late dinner ", location="Terrace")
    assert shapes.public(floor.row())["eventName"] == "Late dinner"
    commands.undo(floor.pk)
    queue = Queue.objects.get(pk=floor.pk)
    assert (queue.event_name, queue.location) == (before, "")


@pytest.mark.parametrize("name", ["", " ", "\u200b"])
def test_a_line_keeps_a_name_that_can_be_seen(name: str, floor: Floor) -> None:
    with pytest.raises(Invalid) as refused:
        commands.edit_line(floor.pk, event_name=name)
    assert refused.value.field == "eventName"


def test_who_is_called_keeps_the_time_they_were_given(floor: Floor) -> None:
    party = commands.call(floor.pk)
    commands.edit_line(floor.pk, call_window_s=600)
    assert floor.party("Ann").call_deadline == party.call_deadline


def test_a_message_is_public_until_it_is_replaced_or_cleared(floor: Floor) -> None:
    def shown() -> str | None:
        message = shapes.public(floor.row())["message"]
        return message and message["text"]

    assert shown() is None
    commands.send_message(floor.pk, text="Soup is out")
    assert shown() == "Soup is out"
    commands.send_message(floor.pk, text="Soup is back")
    assert shown() == "Soup is back"
    commands.clear_message(floor.pk)
    assert shown() is None
    commands.undo(floor.pk)
    assert shown() == "Soup is back"


def test_a_quote_of_the_hosts_own_stands_until_the_next(floor: Floor) -> None:
    before = [(each["quoteLowMs"], each["quoteHighMs"]) for each in floor.row()["waiting"]]
    commands.edit_party(floor.pk, party_id=floor.id("Ann"), quote_ms=(1_200_000, 1_800_000))
    assert [(each["quoteLowMs"], each["quoteHighMs"]) for each in floor.row()["waiting"]] == [(1_200_000, 1_800_000)]
    commands.undo(floor.pk)
    assert [(each["quoteLowMs"], each["quoteHighMs"]) for each in floor.row()["waiting"]] == before
