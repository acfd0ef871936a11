"""What staff do to lines and parties goes through the hosts' commands, with the member of staff on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from outbox.models import Effect, Event
from push import commands as push_commands
from queues import commands
from queues.admin.parties import PartyAdmin, party_action
from queues.models import Party, Queue
from tests.admin.conftest import post_action
from venues.models import User

PARTIES, LINES = "queues/party", "queues/queue"


def newest(line: Queue, event_type: str) -> Event:
    event = Event.objects.filter(stream_id=line.pk, type=event_type).order_by("version").last()
    assert event is not None, f"no {event_type}"
    return event


@pytest.mark.parametrize(
    ("action", "before", "event", "status"),
    [
        ("call", "waiting", "QUEUE_MEMBER_CALLED", "called"),
        ("call", "called", "QUEUE_MEMBER_CALLED", "called"),
        ("serve", "called", "QUEUE_MEMBER_SERVED", "served"),
        ("kick", "waiting", "QUEUE_MEMBER_KICKED", "kicked"),
        ("no_show", "called", "QUEUE_MEMBER_DROPPED", "no_show"),
        ("put_back", "called", "QUEUE_MEMBER_PUT_BACK", "waiting"),
        ("put_back", "left", "QUEUE_MEMBER_PUT_BACK", "waiting"),
    ],
)
def test_an_action_on_a_party(
    as_clerk: Client, clerk: User, line: Queue, join: Any, action: str, before: str, event: str, status: str
) -> None:
    party = join("Anna", 4)
    if before == "called":
        commands.call(line.pk, party_id=party.pk)
    elif before == "left":
        commands.leave(line.pk, party_id=party.pk)
    version = Queue.objects.get(pk=line.pk).version
    messages = post_action(as_clerk, PARTIES, action, party)
    assert len(messages) == 1
    assert f"no. 1 of Friday night ({line.code})" in messages[0]
    assert not messages[0].startswith("Not done")
    happened = newest(line, event)
    assert (happened.version, happened.actor, happened.actor_user_id) == (version + 1, "staff", clerk.pk)
    assert Party.objects.get(pk=party.pk).status == status


def test_the_question_before_a_removal_tells_two_of_one_name_apart(as_clerk: Client, join: Any) -> None:
    for party in (join("Ben", 2), join("Ben", 5)):
        html = as_clerk.get(f"/admin/queues/party/{party.pk}/change/").content.decode()
        assert f'data-ask="Remove #{party.ticket} Ben ({party.size}) from the line?"' in html


@pytest.mark.parametrize(
    ("action", "event", "changed"),
    [
        ("call_next", "QUEUE_MEMBER_CALLED", {}),
        ("pause", "QUEUE_PAUSED", {"paused": True}),
        ("close", "QUEUE_CLOSED", {"is_closed": True}),
        ("undo_last", "QUEUE_ACTION_UNDONE", {}),
    ],
)
def test_an_action_on_a_line(
    as_clerk: Client, clerk: User, line: Queue, join: Any, action: str, event: str, changed: dict[str, Any]
) -> None:
    first, second = join("Anna"), join("Ben")
    commands.call(line.pk, party_id=second.pk)
    assert len(post_action(as_clerk, LINES, action, line)) == 1
    happened = newest(line, event)
    assert (happened.actor, happened.actor_user_id) == ("staff", clerk.pk)
    now = Queue.objects.get(pk=line.pk)
    assert {name: getattr(now, name) for name in changed} == changed
    assert Party.objects.get(pk=first.pk).status == {"call_next": "called", "close": "closed"}.get(action, "waiting")
    assert Party.objects.get(pk=second.pk).status == {"undo_last": "waiting", "close": "closed"}.get(action, "called")


def test_resume(as_clerk: Client, line: Queue) -> None:
    commands.pause(line.pk)
    post_action(as_clerk, LINES, "resume", line)
    assert not Queue.objects.get(pk=line.pk).paused
    assert newest(line, "QUEUE_RESUMED").actor == "staff"


def test_what_is_refused_is_said_and_the_rest_is_done(as_clerk: Client, line: Queue, join: Any) -> None:
    gone, waiting, also_gone = join("Anna"), join("Ben"), join("Cleo")
    commands.leave(line.pk, party_id=gone.pk)
    commands.leave(line.pk, party_id=also_gone.pk)
    well, refused = post_action(as_clerk, PARTIES, "call", gone, waiting, also_gone)
    name = f"of Friday night ({line.code})"
    assert well == f"Called: no. 2 {name}."
    assert refused == f"Not done for no. 1 {name}, no. 3 {name}: This party is not in line."
    assert Party.objects.get(pk=waiting.pk).status == "called"
    assert Party.objects.get(pk=gone.pk).status == "left"


def test_too_many_at_once_are_refused_as_a_whole(as_clerk: Client, line: Queue, join: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("web.admin.MOST_AT_ONCE", 2)
    parties = [join() for _ in range(3)]
    (message,) = post_action(as_clerk, PARTIES, "call", *parties)
    assert message == "Nothing was done: choose 2 at most."
    assert not Party.objects.filter(status="called").exists()


@pytest.mark.thorough
def test_put_back_together_they_keep_their_order(as_clerk: Client, line: Queue, join: Any) -> None:
    parties = [join() for _ in range(4)]
    for party in parties[:3]:
        commands.call(line.pk, party_id=party.pk)
    post_action(as_clerk, PARTIES, "put_back", *parties[:3])
    waiting = line.parties.filter(status="waiting").order_by("rank", "ticket")
    assert list(waiting.values_list("ticket", flat=True)) == [1, 2, 3, 4]


def test_buttons_of_a_page_come_back_to_it(as_clerk: Client, line: Queue, join: Any) -> None:
    party = join("Anna")
    page = as_clerk.get(f"/admin/queues/party/{party.pk}/change/").content.decode()
    assert 'value="call"' in page
    assert 'value="no_show"' not in page
    data = {"action": "call", "_selected_action": str(party.pk), "back_to_page": "1"}
    answer = as_clerk.post("/admin/queues/party/", data)
    assert answer["Location"] == f"/admin/queues/party/{party.pk}/change/"
    assert 'value="no_show"' in as_clerk.get(answer["Location"]).content.decode()


@pytest.mark.thorough
def test_a_button_of_a_party_acts_on_what_its_page_showed(as_clerk: Client, line: Queue, join: Any) -> None:
    party = join("Anna")
    saw = as_clerk.get(f"/admin/queues/party/{party.pk}/change/").context["saw"]
    commands.call(line.pk, party_id=party.pk)
    (message,) = post_action(as_clerk, PARTIES, "kick", party, back_to_page="1", saw=saw)
    assert "is called now. Nothing was done." in message
    assert Party.objects.get(pk=party.pk).status == "called"


@pytest.mark.thorough
def test_undo_from_the_page_is_of_what_the_page_showed(as_clerk: Client, line: Queue, join: Any) -> None:
    first, second = join("Anna"), join("Ben")
    commands.call(line.pk, party_id=first.pk)
    shown = as_clerk.get(f"/admin/queues/queue/{line.pk}/change/").context["expected_version"]
    commands.kick(line.pk, party_id=second.pk)
    seen = {"back_to_page": "1", "expected_version": str(shown)}
    (message,) = post_action(as_clerk, LINES, "undo_last", line, **seen)
    assert "Something else was done since" in message
    assert Party.objects.get(pk=second.pk).status == "kicked"


@pytest.mark.thorough
def test_the_call_can_be_pushed_again(as_clerk: Client, clerk: User, line: Queue, join: Any) -> None:
    party = join("Anna")
    assert "not called" in post_action(as_clerk, PARTIES, "resend_call", party)[0]
    commands.call(line.pk, party_id=party.pk)
    assert "no subscription" in post_action(as_clerk, PARTIES, "resend_call", party)[0]
    push_commands.subscribe(
        queue_id=line.pk, party_id=party.pk, endpoint="https://fcm.googleapis.com/fcm/send/x", p256dh="k", auth="a"
    )
    assert post_action(as_clerk, PARTIES, "resend_call", party)[0].startswith("Sent again: no. 1")
    resent = Event.objects.get(type="PUSH_RESENT")
    assert (resent.actor, resent.actor_user_id, resent.party_id) == ("staff", clerk.pk, party.pk)
    assert "sent the call of no. 1" in as_clerk.get(f"/admin/queues/party/{party.pk}/change/").content.decode()


def test_effects_are_retried(as_clerk: Client, clerk: User, join: Any) -> None:
    join("Anna")
    dead, done = Effect.objects.order_by("pk")[:2]
    Effect.objects.filter(pk=dead.pk).update(status="dead", attempts=12)
    Effect.objects.filter(pk=done.pk).update(status="done")
    assert "1 effect is dead" in " ".join(as_clerk.get("/admin/outbox/effect/").content.decode().split())
    well, refused = post_action(as_clerk, "outbox/effect", "retry", dead, done)
    assert well.startswith("Taken up again: analytics of")
    assert refused.endswith("Nothing to do.")
    dead.refresh_from_db()
    assert (dead.status, dead.attempts) == ("pending", 0)
    assert Effect.objects.get(pk=done.pk).status == "done"


def test_a_busy_line_is_said_to_be_busy(
    as_clerk: Client, line: Queue, join: Callable[..., Party], monkeypatch: Any
) -> None:
    """Each refusal of a command is shown as a message, not as an error page."""
    from core.errors import Busy

    def busy(*arguments: Any, **named: Any) -> None:
        raise Busy("This line is very busy. Please try again.")

    monkeypatch.setattr(PartyAdmin, "call", party_action(busy, "Call", done="Called"))
    assert "very busy" in post_action(as_clerk, PARTIES, "call", join())[0]
