"""What guests write by SMS and WhatsApp, as their provider brings it: signed, once, understood in three languages."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from core import clock
from core.tokens import host_token
from outbox import work
from outbox.models import Effect, Event
from outbox.signing import new_secret, signed
from queues import commands as lines
from queues.models import Party, Queue
from reach import commands, sending
from reach.commands import heard
from reach.models import Message
from reach.pages.conversation import lines_of
from reach.text_models import Provider, Said, Stopped
from reach.words import Meaning, meaning_of
from tests.reach.phones.conftest import NUMBER, ORIGIN, SetUp, a_message, joined
from tests.reach.phones.provider import TOKEN
from venues.models import Venue


def from_twilio(row: Provider, end: str, *, token: str = TOKEN, **form: str) -> Any:
    """A call as Twilio makes it, signed by its own library."""
    path = f"/texts/twilio/{row.pk}/{end}"
    signature = RequestValidator(token).compute_signature(ORIGIN + path, form)
    return Client().post(path, form, headers={"X-Twilio-Signature": signature})


def from_gateway(
    row: Provider, said: dict[str, Any], id_: str = "", *, secret: str = "", at: datetime | None = None
) -> Any:
    """A call as a gateway makes it."""
    body = orjson.dumps(said)
    headers = signed(id_ or str(uuid4()), body, [secret or row.secret], at or datetime.now(UTC))
    return Client().post(f"/texts/gateway/{row.pk}", body, "application/json", headers=headers)


def write(row: Provider, text: str, id_: str = "", *, number: str = NUMBER) -> str:
    """A guest writes; the answer they get."""
    if row.kind == "gateway":
        return str(
            from_gateway(row, {"type": "message.received", "from": number, "text": text}, id_).json().get("reply", "")
        )
    answer = from_twilio(row, "heard", MessageSid=id_ or uuid4().hex, From=number, To="+15005550006", Body=text)
    assert answer.status_code == 200 and answer.content.startswith(b"<?xml")
    return answer.content.decode().partition("<Message>")[2].partition("</Message>")[0]


@pytest.mark.parametrize(
    ("meaning", "replies"),
    [
        (
            Meaning.ON_MY_WAY,
            ["1", " １ ", "1.", "1\ufe0f\u20e3", "١", "uno", "1 please", "On my way!", "¡Ya voy!", "向かっています。"],
        ),
        (Meaning.MORE_TIME, ["2.", "Más tiempo", "延長"]),
        (Meaning.LEAVE, ["9", "me voy", "やめます", "キャンセル"]),
        (
            Meaning.STOP,
            [
                "STOP",
                "STOP.",
                "Stop please",
                "Please, stop!",
                "ALTO",
                "停止してください",
                "Stop all",
                "baja",
                "停止",
                "ストップ",
            ],
        ),
        (Meaning.START, ["START", "Alta", "再開"]),
        (Meaning.NONE, ["Please don't stop", "19", "We are 2 now", "", "👍", "sí", "please"]),
    ],
)
def test_a_reply_is_understood_where_it_is_the_whole_text(meaning: Meaning, replies: list[str]) -> None:
    assert [meaning_of(reply) for reply in replies] == [meaning] * len(replies)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["twilio", "gateway"])
def test_a_called_guest_answers_by_text(kind: str, line: Queue, set_up: SetUp) -> None:
    row, party = set_up(kind), joined(line, language="es")
    assert write(row, "2") == "Aún no es su turno: tiene tiempo."
    lines.call(line.pk, party_id=party.pk)
    assert write(row, "1") == "Gracias. El personal sabe que está en camino."
    assert write(row, "más tiempo") == "El personal sabe que necesita más tiempo."
    party.refresh_from_db()
    assert (party.nearby, party.more_time) == (True, "asked") and party.wrote_at is not None
    assert write(row, "9") == "Ha dejado la fila. Gracias por avisar."
    party.refresh_from_db()
    assert party.status == Party.Status.LEFT
    assert [said.outcome for said in Said.objects.order_by("pk")] == [
        "not called yet", "on the way", "asks for more time", "left the line",
    ]  # fmt: skip
    assert write(row, "1") == "Ya no está en la fila. Hable con el personal, por favor."
    assert write(row, "gracias a todos") == ""
    Party.objects.filter(pk=party.pk).update(ended_at=clock.now() - timedelta(hours=13))
    assert write(row, "1") == ""  # of a place of long ago nothing is said


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["twilio", "gateway"])
def test_a_call_that_comes_again_does_nothing_twice(kind: str, venue: Venue, line: Queue, set_up: SetUp) -> None:
    row, party = set_up(kind), joined(line)
    assert write(row, "Where is the door?", "once") == write(row, "Where is the door?", "once") == ""
    assert Event.objects.filter(type="QUEUE_MEMBER_WROTE").count() == Said.objects.count() == 1
    stopped = write(row, "STOP", "the-stop")
    assert stopped.startswith("Blue Door sends you no more texts.") and Stopped.objects.count() == 1
    assert write(row, "START", "the-start") == "Blue Door sends you texts again."
    assert write(row, "STOP", "the-stop") == ""  # it was said before the START
    party.refresh_from_db()
    assert (party.texts_stopped, Stopped.objects.count()) == (False, 0)


@pytest.mark.thorough
def test_what_a_killed_worker_left_is_done_when_the_call_comes_again(venue: Venue, line: Queue, set_up: SetUp) -> None:
    row, party = set_up("gateway"), joined(line)
    channel: Any = "sms"
    heard.keep_heard(venue_id=venue.pk, party=party, text="9", channel=channel, outside_id="x", meaning=Meaning.LEAVE)
    assert write(row, "9", "x") == "You have left the line. Thank you for telling us."
    party.refresh_from_db()
    assert party.status == Party.Status.LEFT
    assert write(row, "9", "x") == ""


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["twilio", "gateway"])
def test_who_does_not_sign_is_turned_away(kind: str, line: Queue, set_up: SetUp) -> None:
    row, _ = set_up(kind), joined(line)
    wrong = {"MessageSid": "SM1", "From": NUMBER, "Body": "9"}
    if kind == "twilio":
        answers = [
            from_twilio(row, "heard", token="another", **wrong),
            Client().post(f"/texts/twilio/{row.pk}/heard", wrong),
            from_twilio(row, f"receipt/{uuid4()}", token="another", MessageStatus="delivered"),
        ]
    else:
        said = {"type": "message.received", "from": NUMBER, "text": "9"}
        old = datetime.now(UTC) - timedelta(minutes=6)
        answers = [
            from_gateway(row, said, secret=new_secret()),
            from_gateway(row, said, at=old),
            Client().post(f"/texts/gateway/{row.pk}", said, "application/json"),
            Client().post(
                f"/texts/gateway/{row.pk}", b"\xff", "application/json",
                headers={"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "x"},
            ),
        ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert Said.objects.count() == 0
    other = "gateway" if kind == "twilio" else "twilio"
    assert Client().post(f"/texts/{other}/{row.pk}{'' if other == 'gateway' else '/heard'}").status_code == 404


def test_a_wrong_body_is_named(line: Queue, set_up: SetUp) -> None:
    row = set_up("gateway")
    for said, field in (
        ({"type": "message.lost"}, "type"),
        ({"type": "message.received", "text": "9"}, "from"),
        ({"type": "message.delivered", "id": "7"}, "id"),
        ({"type": "message.received", "from": 7}, "from"),
    ):
        answer = from_gateway(row, said)
        assert answer.status_code == 400 and answer.json()["error"].startswith(field), answer.content


@pytest.mark.parametrize("kind", ["twilio", "gateway"])
def test_receipts_say_how_far_a_text_came(kind: str, line: Queue, set_up: SetUp) -> None:
    row, party = set_up(kind), joined(line)
    known = "SM1" if kind == "twilio" else ""
    message = a_message(party, state=Message.State.SENT, provider_id=known or "x", attempts=1)
    if not known:
        Message.objects.filter(pk=message.pk).update(provider_id=str(message.pk))

    def receipt(status: str, **more: str) -> int:
        if kind == "twilio":
            form = {"MessageSid": "SM1", "MessageStatus": status, "To": NUMBER} | more
            return int(from_twilio(row, f"receipt/{message.pk}", **form).status_code)
        return int(from_gateway(row, {"type": f"message.{status}", "id": str(message.pk)} | more).status_code)

    assert receipt("delivered") == receipt("delivered") == (204 if kind == "twilio" else 200)
    message.refresh_from_db()
    assert message.state == Message.State.DELIVERED and message.delivered_at is not None
    first = message.delivered_at
    receipt("failed")
    message.refresh_from_db()
    assert (message.state, message.delivered_at) == (Message.State.DELIVERED, first)


def test_a_receipt_that_comes_before_the_answer_is_kept(line: Queue, set_up: SetUp) -> None:
    row = set_up("twilio")
    message = a_message(joined(line), attempts=1)
    from_twilio(row, f"receipt/{message.pk}", MessageSid="SM5", MessageStatus="sent")
    message.refresh_from_db()
    assert (message.provider_id, message.state) == ("SM5", Message.State.DUE)


@pytest.mark.thorough
def test_a_text_goes_to_the_called_party_of_two(venue: Venue, line: Queue, set_up: SetUp) -> None:
    row, first = set_up(), joined(line)
    bar = lines.open_line(lines.NewLine(event_name="Bar", max_guests=9), venue=venue)
    joined(bar)
    lines.call(line.pk, party_id=first.pk)
    write(row, "1")
    first.refresh_from_db()
    assert first.on_my_way_at is not None or first.nearby


def test_the_host_reads_the_conversation_and_what_came_of_it(line: Queue, set_up: SetUp) -> None:
    row, party = set_up(), joined(line)
    write(row, "Do you have a <b>high chair</b>?")
    a_message(party, kind="called", state=Message.State.FAILED, detail="The gateway answered 500")
    said = lines_of(party)
    assert [(each.by, each.text, each.trouble) for each in said] == [
        ("guest", "Do you have a <b>high chair</b>?", False),
        ("line", "Called", True),
    ]
    assert said[1].state == "did not arrive: The gateway answered 500"
    assert not [event for event in Event.objects.all() if "high chair" in str(event.data) + str(event.changes)]


@pytest.mark.thorough
def test_what_a_host_wrote_is_read_before_its_text_went_out(venue: Venue, line: Queue, set_up: SetUp) -> None:
    set_up()
    commands.set_channels(venue_id=venue.pk, ways=["sms"], fallback_s=45)
    party, host = joined(line), Client()
    host.cookies["queue_host_auth"] = host_token(line.pk)

    def shown() -> str:
        return host.get(f"/queue/{line.code}/host/texts/{party.ticket}").content.decode()

    lines.message_party(line.pk, party_id=party.pk, text="Terrace or inside?")
    for effect in Effect.objects.filter(status="pending", name="reach"):
        work.perform(effect.pk)
    page = shown()
    assert "Terrace or inside?" in page and "waits to be sent" in page
    sending.send_due()
    page = shown()
    assert "Terrace or inside?" in page and "waits to be sent" not in page
