"""The log of a line, told."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from core import clock
from core.actors import HOST, Actor
from outbox.effects import EFFECTS
from outbox.models import Event
from queues import commands, sentences, story
from queues.models import Party, Queue
from venues.models import User, Venue

PARTY = UUID(int=12)
AT = datetime(2026, 7, 3, 2, 2, 11, tzinfo=UTC)
MARIA = User(email="maria@example.com")


def event(kind: str, actor: str = "host", user: User | None = None, changes: Any = None, **data: Any) -> Event:
    return Event(
        pk=1, stream="queue", stream_id=UUID(int=1), version=7, seq=0, type=kind, at=AT, actor=actor, actor_user=user,
        action="x", party_id=PARTY, data=data, changes=changes or {},
    )  # fmt: skip


def told(*events: Event) -> list[str]:
    zone = ZoneInfo("America/Los_Angeles")
    return [f"{one.at:%H:%M:%S} — {one.text}" for one in story.tell(events, zone=zone, tickets={str(PARTY): 12})]


def party_changes(**fields: Any) -> dict[str, Any]:
    return {"parties": {str(PARTY): {name: [None, value] for name, value in fields.items()}}}


DEADLINE = int((AT + timedelta(minutes=4, seconds=19)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        (
            event(
                "QUEUE_MEMBER_JOINED", "guest", changes=party_changes(name="Anna", size=4),
                waitLowMs=840_000, waitHighMs=1_555_000,
            ),
            "19:02:11 — Anna (4) joined as no. 12, quoted 14–26 min",
        ),
        (
            event("QUEUE_MEMBER_JOINED", "guest", changes=party_changes(name="", size=2), waitLowMs=0, waitHighMs=0),
            "19:02:11 — A party of 2 joined as no. 12, quoted no wait",
        ),
        (
            event("QUEUE_MEMBER_JOINED", "host", changes=party_changes(name="", size=2, walk_in=True)),
            "19:02:11 — The host added a party of 2 as no. 12, quoted no wait",
        ),
        (event("QUEUE_MEMBER_JOINED", "guest"), "19:02:11 — A party joined as no. 12, quoted no wait"),
        (
            event("QUEUE_MEMBER_CALLED", "host", MARIA, deadline=DEADLINE, round=2),
            "19:02:11 — Host maria@example.com called no. 12 (2nd call), until 19:06:30",
        ),
        (
            event("QUEUE_MEMBER_CALLED", "system", deadline=DEADLINE, round=1),
            "19:02:11 — No. 12 was called by itself (1st call), until 19:06:30",
        ),
        (event("QUEUE_MEMBER_DROPPED", "system"), "19:02:11 — No. 12 did not come: no-show (by itself)"),
        (event("QUEUE_MEMBER_DROPPED", "staff", MARIA), "19:02:11 — Staff maria@example.com marked no. 12 as no-show"),
        (event("QUEUE_MEMBER_SERVED", waitedMs=1_380_000), "19:02:11 — The host seated no. 12, after 23 min"),
        (event("QUEUE_ACTION_UNDONE", undoes=3, action="put_back"), "19:02:11 — The host undid ‘put back’"),
        (
            event("QUEUE_MEMBER_EDITED", changes={"parties": {str(PARTY): {"size": [3, 4]}}}),
            "19:02:11 — The host corrected no. 12: size from “3” to “4”",
        ),
        (event("QUEUE_MEMBER_MOVED", position=3), "19:02:11 — The host moved no. 12 to the 3rd place"),
        (event("QUEUE_CLOSED", "system", reason="idle", queueLength=0),
         "19:02:11 — The line closed by itself, idle and empty; 0 parties were still in it"),
        (event("QUEUE_CLOSED", reason="host", queueLength=1), "19:02:11 — The host closed the line; 1 party was still in it"),
        (event("SOMETHING_NEW"), "19:02:11 — SOMETHING_NEW (x)"),
    ],
)  # fmt: skip
def test_sentences(happened: Event, sentence: str) -> None:
    assert told(happened) == [sentence]


def test_an_undo_says_of_when() -> None:
    undone = event("QUEUE_MEMBER_CALLED", deadline=DEADLINE, round=1)
    undo = event("QUEUE_ACTION_UNDONE", undoes=7, action="advance")
    undo.version, undo.at = 8, AT + timedelta(seconds=5)
    assert told(undone, undo)[1] == "19:02:16 — The host undid ‘advance’ of 19:02:11"


@pytest.mark.parametrize("number", [1, 2, 3, 4, 11, 12, 13, 21, 102, 111])
def test_ordinals(number: int) -> None:
    expected = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 102: "102nd"}
    assert sentences.ordinal(number) == expected.get(number, "111th")


@pytest.mark.parametrize("kind", [name for name in EFFECTS if name.startswith(("QUEUE_", "PUSH_"))])
@pytest.mark.parametrize("actor", ["guest", "host", "staff", "system"])
def test_every_event_of_a_line_has_a_sentence_even_without_its_data(kind: str, actor: str) -> None:
    assert kind in sentences.SENTENCES, f"queues/sentences.py says nothing of {kind}"
    assert kind not in told(event(kind, actor))[0]


@pytest.mark.thorough
def test_a_line_of_real_commands_reads_as_a_story(
    as_clerk: Client, line: Queue, join: Callable[..., Party], host: User, clerk: User
) -> None:
    maria = Actor("host", host.pk)
    anna, ben = join("Anna <b>", 4), join("Ben", 2)
    commands.call(line.pk, party_id=anna.pk, actor=maria)
    commands.undo(line.pk, actor=maria)
    commands.kick(line.pk, party_id=ben.pk, actor=Actor("staff", clerk.pk))
    commands.close(line.pk, actor=HOST)
    answer = as_clerk.get(f"/admin/queues/queue/{line.pk}/change/")
    sentences = [sentence.text for sentence in answer.context["sentences"]]
    assert [text.split(",")[0] for text in sentences] == [
        "The host opened the line “Friday night”",
        "Anna <b> (4) joined as no. 1",
        "Ben (2) joined as no. 2",
        "Host maria@example.com called no. 1 (1st call)",
        "No. 2 came to the 1st place",
        sentences[5],
        "Staff clerk@example.com removed no. 2",
        "The host closed the line; 1 party was still in it",
    ]
    assert sentences[5].startswith("Host maria@example.com undid ‘call’ of ")
    assert "Anna &lt;b&gt; (4)" in answer.content.decode()
    assert "America/Los_Angeles" in answer.content.decode()

    of_anna = as_clerk.get(f"/admin/queues/party/{anna.pk}/change/").context["sentences"]
    assert [sentences.index(sentence.text) for sentence in of_anna] == [1, 3, 5, 7]


@pytest.mark.thorough
def test_a_long_story_is_cut_and_costs_no_query_per_event(
    as_clerk: Client,
    line: Queue,
    join: Callable[..., Party],
    django_assert_max_num_queries: Callable[[int], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("queues.admin.pages.MOST_TOLD", 30)
    for _ in range(40):
        join()
    with django_assert_max_num_queries(13):
        answer = as_clerk.get(f"/admin/queues/queue/{line.pk}/change/")
    sentences = answer.context["sentences"]
    assert len(sentences) == 30
    assert "no. 40" in sentences[-1].text
    assert f"/admin/outbox/event/?stream_id__exact={line.pk}" in answer.content.decode()
    assert as_clerk.get(f"/admin/outbox/event/?stream_id__exact={line.pk}").context["cl"].result_count == 42


@pytest.mark.thorough
def test_milestones_are_one_line_that_unfolds(as_clerk: Client, line: Queue) -> None:
    parties = [commands.join(line.code, name=f"guest {number}").party for number in range(9)]
    for party in parties[:4]:
        commands.call(line.code, party_id=party.pk)
        commands.serve(line.code, party_id=party.pk)
    told = Event.objects.filter(stream_id=line.pk, type__in=sentences.MILESTONES)
    assert told.count() > 6
    answer = as_clerk.get(f"/admin/queues/queue/{line.pk}/change/")
    html = answer.content.decode()
    shown = answer.context["sentences"]
    unfolded = re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL)
    assert "came to the" in html and "came to the" not in unfolded
    folded = [each for each in shown if isinstance(each, story.Milestones)]
    assert html.count("<details") >= len(folded) == html.count("data-milestones") > 2
    # All of them are in the page, and never two folded lines follow each other.
    assert sum(len(each.sentences) for each in folded) == told.count()
    assert all(f"/outbox/event/{event.pk}/" in html for event in told)
    kinds = [isinstance(each, story.Milestones) for each in shown]
    assert (True, True) not in zip(kinds, kinds[1:], strict=False)


def test_a_replays_story_names_no_time_to_come(as_clerk: Client, line: Queue) -> None:
    commands.mark_replay(line.code, time_scale=60)
    party = commands.join(line.code).party
    commands.call(line.code, party_id=party.pk)
    sentences = as_clerk.get(f"/admin/queues/queue/{line.pk}/change/").context["sentences"]
    called = [each.text for each in sentences if "(1st call)" in each.text]
    assert len(called) == 1 and "until" not in called[0]


def test_a_replays_times_are_those_of_its_evening(
    as_clerk: Client, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the story, and of the line and its parties: it ended at its close, and waits are as long as they were."""
    opening = datetime(2026, 7, 4, 3, 0, tzinfo=UTC)  # 20:00 there

    def at(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: opening + timedelta(seconds=seconds))

    at(0)
    line = commands.open_line(commands.NewLine(event_name="Saturday", max_guests=400), venue=venue)
    commands.mark_replay(line.code, time_scale=240)
    at(15)
    party = commands.join(line.code, name="Anna").party
    at(20)
    commands.call(line.code, party_id=party.pk)
    commands.undo(line.code)
    at(30)
    commands.call(line.code, party_id=party.pk)
    commands.serve(line.code, party_id=party.pk)
    at(60)
    commands.close(line.code)
    page = as_clerk.get(f"/admin/queues/queue/{line.pk}/change/")
    told = {each.text: f"{each.at:%A %H:%M}" for each in page.context["sentences"]}
    assert told["The host opened the line “Saturday”, for 400 guests at most"] == "Friday 16:01"
    assert told["The host seated no. 1, after 60 min"] == "Friday 18:01"
    assert told["The host closed the line; 0 parties were still in it"] == "Friday 20:01"
    assert told["The host undid ‘call’ of 17:21:00"] == "Friday 17:21"
    assert set(told.values()) == {f"Friday {each}" for each in ("16:01", "17:01", "17:21", "18:01", "20:01")}
    shown = re.findall(r"2026-07-\d\d</span> <span[^>]*>(\d\d:\d\d)", page.content.decode())
    assert shown[0] == "16:01" and shown[-1] == "20:01"
    of_anna = as_clerk.get(f"/admin/queues/party/{party.pk}/change/").content.decode()
    assert re.findall(r"2026-07-\d\d</span> <span[^>]*>(\d\d:\d\d)", of_anna) == ["17:01", "18:01", "18:01"]


def test_a_replay_that_runs_has_no_time_to_come(as_clerk: Client, line: Queue) -> None:
    commands.mark_replay(line.code, time_scale=1000)
    party = commands.join(line.code, name="Anna").party
    commands.call(line.code, party_id=party.pk)
    sentences = as_clerk.get(f"/admin/queues/queue/{line.pk}/change/").context["sentences"]
    times = [each.at for each in sentences]
    assert times == sorted(times) and times[0] < line.opened_at and times[-1] <= clock.now()
