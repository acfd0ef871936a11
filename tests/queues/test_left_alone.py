"""Decision 0034: a line that its host does not look at must not empty itself, and what the clock did can be taken back."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models import F
from django.test import Client

from core.actors import Actor
from core.errors import NotFound
from queues import commands, rules, timers
from queues.models import Party, Queue
from tests.page_client import page
from tests.queues.database_lines import Floor
from tests.queues.page_client import join, line_by_form, press

pytestmark = pytest.mark.django_db

EVENING = ("Ann", "Bob", "Cem", "Dia", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon")


def run_out(floor: Floor) -> None:
    """Every call's time passes, and the clock looks, again and again until there is nothing left for it to do."""
    for _ in range(12):
        Party.objects.filter(queue=floor.pk, status=rules.CALLED).update(
            call_deadline=F("called_at") - timedelta(seconds=1)
        )
        timers.sweep()


def test_a_line_opened_on_our_page_calls_no_party_by_itself(host: Client) -> None:
    line = line_by_form(host)
    first = join(Client(), line, name="Ana")
    join(Client(), line, name="Ben")
    commands.call(line.code)
    Party.objects.filter(pk=first.pk).update(call_deadline=F("called_at") - timedelta(seconds=1))
    timers.sweep()
    assert list(line.parties.order_by("ticket").values_list("status", flat=True)) == ["called", "waiting"]
    first.refresh_from_db()
    assert first.late_at is not None, "a host decides"


@pytest.mark.thorough
def test_the_clock_calls_once_and_then_waits_for_a_host() -> None:
    floor = Floor.opened(*EVENING, auto_advance=True)
    commands.call(floor.pk)
    run_out(floor)
    assert floor.waiting() == list(EVENING[2:]), "one call by the clock, no chain"
    commands.join(floor.pk, name="Kim")  # a guest is no host
    run_out(floor)
    assert len(floor.waiting()) == 9
    commands.call(floor.pk)
    run_out(floor)
    assert len(floor.waiting()) == 7, "a host acted: one call of theirs and one of the clock"


def lapsed_of(line: UUID) -> list[UUID]:
    """The parties that the clock gave up."""
    return list(Party.objects.filter(queue=line, lapsed=True).values_list("pk", flat=True))


@pytest.mark.thorough
@pytest.mark.parametrize("actor", [Actor("host"), Actor("staff")])
def test_any_host_action_lets_the_clock_call_once_more(actor: Actor) -> None:
    for act_of_host in (
        lambda line: commands.pause(line, actor=actor),
        lambda line: commands.send_message(line, text="Soon", actor=actor),
        lambda line: commands.add_walk_in(line, name="Zoe", size=1, actor=actor),
        lambda line: commands.dismiss_lapsed(line, party_ids=lapsed_of(line), actor=actor),
    ):
        floor = Floor.opened(*EVENING, auto_advance=True)
        commands.call(floor.pk)
        run_out(floor)
        assert Queue.objects.get(pk=floor.pk).called_by_clock
        act_of_host(floor.pk)
        assert not Queue.objects.get(pk=floor.pk).called_by_clock


@pytest.mark.thorough
def test_the_console_keeps_those_the_clock_ended_until_a_host_acts_on_them(host: Client) -> None:
    line = line_by_form(host)
    commands.edit_line(line.code, auto_no_show=True)
    parties = [join(Client(), line, name=f"Party{n}") for n in range(20)]
    for _ in parties:
        commands.call(line.code)
    line.parties.update(call_deadline=F("called_at") - timedelta(seconds=1))
    timers.sweep()
    line.parties.update(ended_at=F("ended_at") - timedelta(hours=3))
    console = page(host, f"/queue/{line.code}/host")
    shown = re.search(r'<section class="lapsed-list".*?</section>', console, re.S)
    assert shown and "20 parties" in shown[0]
    assert all(f"Party{n}<" in shown[0] for n in range(20)), "all of them, however many and however long ago"
    console = press(host, line, "put-back", party=parties[0].pk)
    assert Party.objects.get(pk=parties[0].pk).status == rules.WAITING
    console = press(host, line, "dismiss", party=parties[1].pk)
    assert 'data-lapsed="18"' in console
    assert "Undo: dismissed #2" in console
    form = re.search(r"<form[^>]*>(?:(?!</form>).)*Dismiss all", console, re.S)
    assert form
    seen = re.findall(r'name="party" value="([^"]+)"', form[0])
    assert len(seen) == 18
    # While the host looks at them, the clock gives up one more, and another host puts one back.
    join(Client(), line, name="Late")
    commands.put_back(line.code, party_id=seen[0])
    commands.call(line.code, party_id=Party.objects.get(name="Late").pk)
    line.parties.filter(name="Late").update(call_deadline=F("called_at") - timedelta(seconds=1))
    timers.sweep()
    console = press(host, line, "dismiss", party=seen)
    assert 'data-lapsed="1"' in console and "Late<" in console, "no host has seen it yet"
    assert Party.objects.get(pk=seen[0]).status == rules.WAITING
    console = press(host, line, "dismiss", party=Party.objects.get(name="Late").pk)
    assert 'data-lapsed="0"' in console and "lapsed-list" not in console
    version = re.search(r'name="version" value="(\d+)"', console)
    assert version
    assert 'data-lapsed="1"' in press(host, line, "undo", version=version[1])


def test_only_a_party_of_this_line_that_the_clock_gave_up_is_dismissed() -> None:
    floor = Floor.opened("Ann", "Bob")
    commands.call(floor.pk)
    commands.no_show(floor.pk, party_id=floor.id("Ann"))
    version = floor.version
    commands.dismiss_lapsed(floor.pk, party_ids=[floor.id("Ann")])
    assert floor.version == version, "a host's own no-show needs no second look"
    with pytest.raises(NotFound):
        commands.dismiss_lapsed(floor.pk, party_ids=[floor.id("Bob")])
