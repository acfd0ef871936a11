"""POST .../actions: what a host's tablet has kept is done once and in order, or refused with what is so now (decision 0076)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from core.actors import SYSTEM, Actor, Press
from core.errors import Conflict
from outbox.models import Event
from queues import commands, sent, story, timers
from queues.change import locked_line
from queues.models import Party, Queue, SentAction
from tests.database_clock import DatabaseClock
from tests.queues.service_lines import MADRID
from tests.queues.tablets import Tablet
from venues.models import Venue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]


@pytest.fixture
def floor(restaurant: Venue) -> Queue:
    """Monday noon in Madrid: Ann, Bob, Cem and Dia wait."""
    new = commands.NewLine(event_name="Lunch", max_guests=9, call_window_s=120, auto_advance=False)
    line = commands.open_line(new, venue=restaurant)
    for name in ("Ann", "Bob", "Cem", "Dia"):
        commands.join(line.pk, name=name, size=2)
    return line


def party(line: Queue, name: str) -> Party:
    return Party.objects.get(queue=line, name=name)


def status(line: Queue, name: str) -> str:
    return party(line, name).status


def said(outcomes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(outcome["outcome"], outcome["text"]) for outcome in outcomes]


def test_what_was_pressed_without_a_network_is_done_in_order_and_once(floor: Queue) -> None:
    tablet = Tablet(floor)
    tablet.press("call", tablet.first, saw="first")
    tablet.press("seat", party(floor, "Ann").pk)  # the list still shows that she waits
    tablet.press("walk-in", name="Eva", size=1)
    kept = list(tablet.kept)
    first = tablet.send()
    assert [(outcome["outcome"], outcome["already"]) for outcome in first] == [("done", False)] * 3
    assert (status(floor, "Ann"), status(floor, "Eva")) == ("served", "waiting")
    assert first[2]["text"].startswith("Added, ticket #5.")
    floor.refresh_from_db()
    assert [outcome["version"] for outcome in first] == [floor.version - 2, floor.version - 1, floor.version]
    again = tablet.send([kept[2], kept[0], kept[1]])
    assert [outcome["already"] for outcome in again] == [True] * 3
    assert [outcome["version"] for outcome in again] == [first[2]["version"], first[0]["version"], first[1]["version"]]
    version = floor.version
    floor.refresh_from_db()
    assert (floor.version, floor.parties.count()) == (version, 5), "nothing is done twice"


def test_a_refusal_says_who_did_what_and_when_and_costs_no_other_action(floor: Queue, watch: DatabaseClock) -> None:
    tablet = Tablet(floor)
    for name in ("Ann", "Bob", "Cem", "Dia"):
        tablet.press("seat", party(floor, name).pk)
    watch.forward(minutes=2)
    commands.serve(floor.pk, party_id=party(floor, "Ann").pk)
    commands.leave(floor.pk, party_id=party(floor, "Bob").pk)
    commands.call(floor.pk, party_id=party(floor, "Cem").pk)
    watch.forward(minutes=1)
    assert said(tablet.send()) == [
        ("refused", "#1 was seated by another host at 12:02. Nothing was done."),
        ("refused", "#2 has left at 12:02. Nothing was done."),
        ("done", ""),  # who was seated sits, though another host has called them meanwhile
        ("done", ""),
    ]


def test_a_call_is_made_only_while_its_guests_would_still_have_time_to_come(floor: Queue, watch: DatabaseClock) -> None:
    tablet = Tablet(floor)
    tablet.press("call", party(floor, "Ann").pk)
    watch.forward(seconds=90)
    tablet.press("call", party(floor, "Bob").pk)
    tablet.press("seat", party(floor, "Ann").pk)
    watch.forward(seconds=60)
    late, done, seated = tablet.send()
    assert (late["outcome"], done["outcome"]) == ("refused", "done")
    assert late["text"].startswith("#1 was to be called 2 min ago, longer than a called party has to come.")
    assert seated["outcome"] == "done", "what follows is judged by what is so: the party waits"
    assert not Event.objects.filter(party_id=party(floor, "Ann").pk, type="QUEUE_MEMBER_CALLED").exists()


def test_the_story_tells_when_it_was_pressed(floor: Queue, watch: DatabaseClock) -> None:
    tablet = Tablet(floor)
    tablet.press("seat", party(floor, "Ann").pk)
    tablet.press("pause")
    watch.forward(minutes=3)
    tablet.press("resume")
    tablet.send()
    events = Event.objects.filter(stream_id=floor.pk).order_by("version", "seq")
    told = [sentence.text for sentence in story.tell(events, zone=MADRID, tickets={})]
    assert told[-3:] == [
        "The host seated a party, after 3 min (pressed at 12:00:00, without a network)",
        "The host paused the line: nobody new may join (pressed at 12:00:00, without a network)",
        "The host let guests join again",
    ]


def test_a_party_that_another_host_has_called_and_put_back_is_not_called_again(floor: Queue) -> None:
    tablet = Tablet(floor)
    tablet.press("call", party(floor, "Ann").pk)
    commands.call(floor.pk, party_id=party(floor, "Ann").pk)
    commands.put_back(floor.pk, party_id=party(floor, "Ann").pk)
    (outcome,) = tablet.send()
    assert said([outcome]) == [("refused", "#1 was called by another host at 12:00. It was not called a second time.")]
    assert party(floor, "Ann").call_count == 1
    tablet.look()
    tablet.press("call", party(floor, "Ann").pk)
    assert tablet.send()[0]["outcome"] == "done", "who has seen it may call"


def test_what_a_tablet_does_after_its_own_action_is_about_what_that_left(floor: Queue) -> None:
    tablet = Tablet(floor)
    ann = party(floor, "Ann").pk
    tablet.press("call", ann)
    tablet.press("edit", ann, name="Ann B", size=3, note="")
    first = tablet.send()
    tablet.press("edit", ann, name="Ann B", size=3, note="Terrace")  # the list was not fetched in between
    tablet.press("no-show", ann)
    second = tablet.send()
    assert [outcome["outcome"] for outcome in first + second] == ["done"] * 4
    changed = party(floor, "Ann B")
    assert (changed.size, changed.note, changed.status) == (3, "Terrace", "no_show")
    commands.put_back(floor.pk, party_id=ann)
    tablet.press("remove", ann)
    assert said(tablet.send()) == [("refused", "#1 was put back in line by another host at 12:00. Nothing was done.")]


def test_what_the_clock_and_an_undo_did_is_said(floor: Queue, watch: DatabaseClock) -> None:
    ann, bob = party(floor, "Ann").pk, party(floor, "Bob").pk
    for each in (ann, bob):
        commands.call(floor.pk, party_id=each)
    tablet = Tablet(floor)
    tablet.press("more-time", ann, seconds=60)
    tablet.press("no-show", bob)
    commands.undo(floor.pk)
    commands.no_show(floor.pk, party_id=ann, actor=SYSTEM)
    assert said(tablet.send()) == [
        ("refused", "#1 was marked as a no-show by the clock at 12:00. Nothing was done."),
        ("refused", "#2 was changed by an undo by another host at 12:00. Nothing was done."),
    ]


def test_actions_that_can_never_be_done_are_refused_one_by_one(floor: Queue) -> None:
    tablet = Tablet(floor)
    ann, bob, cem = (party(floor, name).pk for name in ("Ann", "Bob", "Cem"))
    tablet.press("message", text="x" * 10_000)
    tablet.press("fly", ann)
    tablet.press("seat", uuid4())
    tablet.press("seat", "no id")
    tablet.press("move", cem, saw="waiting", place=2, behind=str(ann))
    tablet.press("move", cem, saw="waiting", place="first", behind="")
    tablet.press("edit", bob, size=0)
    tablet.press("walk-in", name="Eva", size=5)
    tablet.press("seat", bob, seconds=[1])
    tablet.press("pause")
    commands.leave(floor.pk, party_id=ann)
    outcomes = tablet.send()
    assert [outcome["outcome"] for outcome in outcomes] == ["refused"] * 9 + ["done"]
    for outcome, words in zip(
        outcomes,
        (
            "fields: text must have at most 240 characters.",
            "There is no action fly.",
            "This party is not in line.",
            "party: must be a UUID.",
            "Somebody else has changed the order meanwhile.",
            "place must be a whole number.",
            "Guests: At least 1.",
            "This line is full.",
            "fields: seconds must be a string.",
        ),
        strict=False,
    ):
        assert outcome["text"].startswith(words), outcome
    floor.refresh_from_db()
    assert floor.paused and floor.parties.count() == 4


def test_a_list_that_cannot_be_read_is_refused_as_a_whole_and_nothing_is_done(floor: Queue) -> None:
    tablet = Tablet(floor)
    good = tablet.press("pause")
    for actions, words in (
        ([good, {"action": "pause"}], "actions.1.id: is required."),
        ([good, {**good, "id": "x"}], "actions.1.id: must be a UUID."),
        ([good] * 17, "actions: must have at most 16."),
        ([], "actions: must have at least 1."),
        ([good, 1], "actions: must be an object."),
        ("pause", "actions: must be a list."),
    ):
        answer = tablet.post(actions)
        assert (answer.status_code, answer.json()["error"]) == (400, words)
    floor.refresh_from_db()
    assert not floor.paused and not SentAction.objects.exists()
    stranger = Client().post(f"/api/queue/{floor.code}/actions", {"actions": [good]}, content_type="application/json")
    assert stranger.status_code == 401


def test_an_id_stands_for_one_action(floor: Queue) -> None:
    tablet = Tablet(floor)
    pause = tablet.press("pause")
    tablet.send()
    assert said(tablet.send([{**pause, "action": "close"}])) == [
        ("refused", "This id was sent before, with another action.")
    ]
    floor.refresh_from_db()
    assert not floor.is_closed
    other = Tablet(commands.open_line(commands.NewLine(event_name="Bar", max_guests=9)))
    assert other.send([pause])[0]["already"] is False, "ids belong to a line"


def test_a_refused_command_stays_refused_when_it_would_be_possible_now(floor: Queue) -> None:
    tablet = Tablet(floor)
    kept = tablet.press("walk-in", name="Eva", size=5)
    first = tablet.send()
    commands.leave(floor.pk, party_id=party(floor, "Ann").pk)
    commands.leave(floor.pk, party_id=party(floor, "Bob").pk)
    (again,) = tablet.send([kept])
    assert again == {**first[0], "already": True}


def test_outcomes_are_forgotten_after_two_days_and_older_actions_never_come_first(
    floor: Queue, watch: DatabaseClock
) -> None:
    tablet = Tablet(floor)
    old = tablet.press("pause")
    tablet.send()
    unsent = tablet.press("resume")
    watch.forward(hours=25)
    assert timers.forget_sent() == 0
    assert tablet.send([old])[0]["already"]
    assert said(tablet.send([unsent])) == [("refused", "This was pressed more than a day ago. Nothing was done.")]
    watch.set(watch.now + sent.KEPT_FOR + timedelta(seconds=1))
    assert (timers.forget_sent(), SentAction.objects.count()) == (2, 0)
    assert said(tablet.send([old])) == [("refused", "This was pressed more than a day ago. Nothing was done.")]


def test_two_senders_of_the_same_actions_do_each_of_them_once(floor: Queue) -> None:
    tablet = Tablet(floor)
    for name in ("Ann", "Bob", "Cem", "Dia"):
        tablet.press("call", party(floor, name).pk)

    def send(_: int) -> list[dict[str, Any]]:
        try:
            return tablet.send(tablet.kept)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(send, range(3)))
    assert all([outcome["outcome"] for outcome in answer] == ["done"] * 4 for answer in answers)
    versions = [[outcome["version"] for outcome in answer] for answer in answers]
    assert versions[0] == versions[1] == versions[2]
    assert Event.objects.filter(stream_id=floor.pk, type="QUEUE_MEMBER_CALLED").count() == 4


def test_a_press_that_is_refused_in_its_command_leaves_nothing_but_its_outcome(floor: Queue) -> None:
    """A part of it was written before the refusal."""
    press = Press(id=uuid4(), asked="", action="pause", at=floor.opened_at)
    floor.refresh_from_db()
    version = floor.version
    with (
        pytest.raises(Conflict, match="No more"),
        locked_line(floor.pk, actor=Actor("host", press=press), action="test") as change,
    ):
        change.set_party(change.party(party(floor, "Ann").pk), size=1)
        change.set(paused=True)
        change.emit("QUEUE_PAUSED")
        raise Conflict("No more")
    floor.refresh_from_db()
    assert (floor.version, floor.paused, party(floor, "Ann").size) == (version, False, 2)
    row = SentAction.objects.get(queue=floor)
    assert (row.refusal, row.version) == ("No more", None)
