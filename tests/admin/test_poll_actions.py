"""What staff do to polls and rooms goes through the hosts' commands, with the member of staff on record."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from outbox.models import Event
from polls import casting, commands
from polls.admin import polls as pages
from polls.bodies import Submission
from polls.models import Ballot, Poll
from queues.models import Queue
from rooms import commands as room_commands
from rooms.models import Room
from tests.admin.conftest import post_action
from venues.models import User, Venue

POLLS, ROOMS = "polls/poll", "rooms/room"
FORM = {
    "title": "Which wine?", "description": "", "choices": "Red\r\n\r\n  White \r\nRosé", "min_picks": "1",
    "max_picks": "2", "visibility": "after_close", "dedupe": "token", "shards": "4", "work_bits": "9",
}  # fmt: skip


@pytest.fixture
def poll(venue: Venue) -> Poll:
    """An open poll of the venue, in four shards."""
    new = commands.NewPoll(title="Which wine?", choices=["Red", "White"], max_picks=2, shards=4)
    return commands.create(new, venue=venue, open_now=True)


def vote(poll: Poll, *choices: int, by: str = "") -> None:
    """One ballot, of a new browser unless told."""
    voter = casting.voter(address="192.0.2.1", cookie=by or uuid4().hex)
    ballot = Submission(ballot_id=uuid4(), choices=choices)
    _, outcome = casting.cast_in_thread(poll, voter.address, lambda: (voter, ballot))
    casting.counted_or_raise(outcome)


def events_of(row: Poll | Room) -> list[tuple[str, str, int | None]]:
    events = Event.objects.filter(stream_id=row.pk).order_by("version", "seq")
    return list(events.values_list("type", "actor", "actor_user_id"))


def page_of(client: Client, row: Poll | Room) -> str:
    answer = client.get(f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


# ----------------------------------------------------------------------------------------------------------------- adding
def test_staff_make_a_poll(as_clerk: Client, clerk: User, venue: Venue) -> None:
    assert as_clerk.get("/admin/polls/poll/add/").status_code == 200
    times = {"starts_at_0": "2031-01-01", "starts_at_1": "18:00", "ends_at_0": "2031-01-01", "ends_at_1": "23:00"}
    form = {**FORM, **times, "venue": str(venue.pk), "may_change": "on", "open_now": "on", "description": "Tonight"}
    answer = as_clerk.post("/admin/polls/poll/add/", {**form, "_continue": "1"})
    poll = Poll.objects.get()
    assert answer["Location"] == f"/admin/polls/poll/{poll.pk}/change/"
    assert list(poll.choices.values_list("text", flat=True)) == ["Red", "White", "Rosé"]
    row = (poll.title, poll.description, poll.min_picks, poll.max_picks, poll.venue, poll.visibility, poll.may_change)
    assert row == ("Which wine?", "Tonight", 1, 2, venue, "after_close", True)
    assert (poll.status, poll.shards, poll.work_bits, poll.queue) == ("open", 4, 9, None)
    assert poll.starts_at is not None
    assert poll.ends_at is not None
    assert (poll.ends_at - poll.starts_at).total_seconds() == 5 * 3600
    assert events_of(poll) == [("POLL_CREATED", "staff", clerk.pk), ("POLL_OPENED", "staff", clerk.pk)]


def test_a_poll_of_a_line_and_a_draft(as_clerk: Client, line: Queue) -> None:
    as_clerk.post("/admin/polls/poll/add/", {**FORM, "dedupe": "ticket", "queue": str(line.pk)})
    poll = Poll.objects.get()
    assert (poll.queue, poll.status, poll.dedupe) == (line, "draft", "ticket")


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"title": ""}, "title", "required"),
        ({"title": "x" * 256}, "title", "255"),
        ({"choices": " \r\n "}, "choices", "required"),
        ({"choices": "Red\r\nRed"}, "choices", "A choice is there twice."),
        ({"choices": "x" * 256}, "choices", "at most 255"),
        ({"choices": "\r\n".join(map(str, range(101)))}, "choices", "at most 100"),
        ({"max_picks": "4"}, "max_picks", "must be from minPicks"),
        ({"min_picks": "3"}, "max_picks", "must be from minPicks"),
        ({"shards": "0"}, "shards", "must be from 1"),
        ({"work_bits": "25"}, "work_bits", "must be from 0"),
        ({"dedupe": "ticket"}, "dedupe", "needs a line"),
        ({"dedupe": "address", "may_change": "on"}, "may_change", "neighbours behind one address"),
        ({"ends_at_0": "2031-01-01", "ends_at_1": "10:00"}, "ends_at", "must be after start."),
        ({"visibility": "nobody"}, "visibility", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    as_clerk: Client, wrong: dict[str, str], field: str, words: str
) -> None:
    start = {"starts_at_0": "2031-01-02", "starts_at_1": "18:00"}
    answer = as_clerk.post("/admin/polls/poll/add/", {**FORM, **start, **wrong})
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {field}
    assert words in errors[field][0]
    assert errors[field][0] in answer.content.decode().replace("&#x27;", "'")
    assert not Poll.objects.exists()


# ---------------------------------------------------------------------------------------------------------------- actions
@pytest.mark.thorough
def test_open_and_close(as_clerk: Client, clerk: User) -> None:
    poll = commands.create(commands.NewPoll(title="Q", choices=["a"]))
    assert post_action(as_clerk, POLLS, "open_poll", poll) == [f"Opened: {poll}."]
    assert post_action(as_clerk, POLLS, "close", poll) == [f"Closed: {poll}."]
    assert "This poll is closed." in post_action(as_clerk, POLLS, "open_poll", poll)[0]
    poll.refresh_from_db()
    assert (poll.status, len(poll.root)) == ("closed", 64)
    assert events_of(poll)[1:] == [("POLL_OPENED", "staff", clerk.pk), ("POLL_CLOSED", "staff", clerk.pk)]


def test_reset_asks_first_and_comes_back(as_clerk: Client, clerk: User, poll: Poll) -> None:
    for _ in range(3):
        vote(poll, 1)
    commands.close(poll.pk)
    data = {"action": "reset", "_selected_action": str(poll.pk), "back_to_page": "1"}
    asked = as_clerk.post("/admin/polls/poll/", data)
    assert asked.status_code == 200
    assert f"{poll}: 3 ballots" in asked.content.decode()
    assert Ballot.objects.filter(poll_id=poll.pk).count() == 3
    done = as_clerk.post("/admin/polls/poll/", data | {"confirmed": "yes"})
    assert done["Location"] == f"/admin/polls/poll/{poll.pk}/change/"
    poll.refresh_from_db()
    assert (poll.status, poll.epoch, poll.root) == ("open", 1, "")
    assert not Ballot.objects.filter(poll_id=poll.pk).exists()
    assert events_of(poll)[-1] == ("POLL_RESET", "staff", clerk.pk)


def test_what_the_confirmation_posts_is_what_resets(as_clerk: Client, poll: Poll) -> None:
    other = commands.create(commands.NewPoll(title="Other", choices=["a"]), open_now=True)
    rows = [str(poll.pk), str(other.pk)]
    asked = as_clerk.post("/admin/polls/poll/", {"action": "reset", "_selected_action": rows})
    page = asked.content.decode()
    assert all(f'name="_selected_action" value="{row}"' in page for row in rows)
    assert 'name="confirmed" value="yes"' in page
    assert 'name="back_to_page"' not in page


@pytest.mark.parametrize("way", ["page", "list"])
def test_delete_asks_first_and_goes_through_the_command(
    as_clerk: Client, clerk: User, poll: Poll, line: Queue, way: str
) -> None:
    vote(poll, 0)
    url = f"/admin/polls/poll/{poll.pk}/delete/" if way == "page" else "/admin/polls/poll/"
    data = {} if way == "page" else {"action": "delete_selected", "_selected_action": str(poll.pk)}
    asked = as_clerk.get(url) if way == "page" else as_clerk.post(url, data)
    assert "Ballots: 1" in " ".join(asked.content.decode().split())
    assert Poll.objects.filter(pk=poll.pk).exists()
    as_clerk.post(url, {**data, "post": "yes"})
    assert not Poll.objects.filter(pk=poll.pk).exists()
    assert not Ballot.objects.filter(poll_id=poll.pk).exists()
    assert events_of(poll) == [("POLL_DELETED", "staff", clerk.pk)]


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_counting_again_finds_what_was_done_by_hand(as_clerk: Client, poll: Poll) -> None:
    for choices in ((0,), (1,), (0, 1)):
        vote(poll, *choices)
    assert post_action(as_clerk, POLLS, "recount", poll) == [
        f"{poll}: counted again; ballots, tallies, totals and log agree."
    ]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE polls_tally SET count = count + 7 WHERE poll_id = %s", [poll.pk])
    (message,) = post_action(as_clerk, POLLS, "recount", poll, back_to_page="1")
    assert message.startswith(f"{poll}: ")
    assert "are not its ballots" in message


def test_other_actions_of_the_list_come_back_to_the_page_too(as_clerk: Client, poll: Poll) -> None:
    data = {"action": "close", "_selected_action": str(poll.pk), "back_to_page": "1"}
    assert as_clerk.post("/admin/polls/poll/", data)["Location"] == f"/admin/polls/poll/{poll.pk}/change/"


# ----------------------------------------------------------------------------------------------------------------- showing
@pytest.mark.thorough
def test_the_page_shows_how_it_stands(as_clerk: Client, poll: Poll, monkeypatch: pytest.MonkeyPatch) -> None:
    for choices in ((0,), (0,), (0, 1)):
        vote(poll, *choices)
    answer = as_clerk.get(f"/admin/polls/poll/{poll.pk}/change/")
    assert (answer.context["ballots"], answer.context["picks"]) == (3, 4)
    red, white = answer.context["standing"]["rows"]
    assert (red[:2], white[:2]) == (["Red", "3"], ["White", "1"])
    assert ("100.0 %" in red[2], "33.3 %" in white[2]) == (True, True)
    shards = answer.context["by_shard"]["rows"]
    assert sum(int(picks) for _, picks, _ in shards) == 4
    page = answer.content.decode()
    for words in ("Red", "33.3 %", "<strong", "By shard", "The host made the poll.", "The host opened it."):
        assert words in page, words
    assert "Only the first" not in page
    for _ in range(40):  # surely in more than one shard
        vote(poll, 0)
    monkeypatch.setattr(pages, "MOST_SHARDS_SHOWN", 1)
    assert "Only the first shard that has ballots" in " ".join(page_of(as_clerk, poll).split())


def test_texts_of_hosts_are_text(as_clerk: Client) -> None:
    poll = commands.create(commands.NewPoll(title="<b>T", choices=["<i>x", "{{ y }}"], shards=2), open_now=True)
    vote(poll, 0)
    page = page_of(as_clerk, poll)
    assert "<b>T" not in page
    assert "<i>x" not in page
    assert page.count("&lt;i&gt;x") >= 2


@pytest.mark.parametrize(
    ("status", "buttons"),
    [("draft", {"open_poll", "recount"}), ("open", {"close", "recount", "reset"}), ("closed", {"recount", "reset"})],
)
def test_buttons_are_what_can_be_done_now(as_clerk: Client, status: str, buttons: set[str]) -> None:
    poll = commands.create(commands.NewPoll(title="Q", choices=["a"]), open_now=status != "draft")
    if status == "closed":
        commands.close(poll.pk)
    page = page_of(as_clerk, poll)
    actions = ("open_poll", "close", "recount", "reset")
    assert {action for action in actions if f'name="action" value="{action}"' in page} == buttons


# ------------------------------------------------------------------------------------------------------------------- rooms
@pytest.mark.thorough
def test_a_room_is_closed_and_deleted_by_command(as_clerk: Client, clerk: User, venue: Venue) -> None:
    room = room_commands.create(room_commands.NewRoom(title="Louder?"), venue=venue)
    room_commands.add_participant(room.pk, name="Anna")
    page = page_of(as_clerk, room)
    assert f"/api/rooms/{room.code}/history" in page
    assert "The host opened the room." in page
    assert 'name="action" value="close"' in page
    assert post_action(as_clerk, ROOMS, "close", room) == [f"Closed: {room}."]
    assert events_of(room)[-1] == ("ROOM_CLOSED", "staff", clerk.pk)
    assert 'name="action" value="close"' not in page_of(as_clerk, room)
    assert "Anna" in as_clerk.get(f"/admin/rooms/participant/?room__id__exact={room.pk}").content.decode()
    as_clerk.post(f"/admin/rooms/room/{room.pk}/delete/", {"post": "yes"})
    assert not Room.objects.filter(pk=room.pk).exists()
    assert events_of(room) == [("ROOM_DELETED", "staff", clerk.pk)]


def test_who_is_no_staff_does_nothing(host: User, signed_in: Any, poll: Poll) -> None:
    client = signed_in(host)
    answer = client.post("/admin/polls/poll/", {"action": "close", "_selected_action": str(poll.pk)})
    assert answer.status_code == 302
    assert client.post("/admin/polls/poll/add/", FORM).status_code == 302
    assert client.post(f"/admin/polls/poll/{poll.pk}/delete/", {"post": "yes"}).status_code == 302
    assert Poll.objects.get().status == "open"
