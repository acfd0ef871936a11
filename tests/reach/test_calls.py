"""What became of a call: the console's list and the party's pane say the same, of all ways together."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock
from outbox.models import Effect
from push.models import Delivery, Subscription
from queues import commands as lines
from queues.contacts import Contact
from queues.models import Party, Queue
from reach import arrival, commands
from reach.models import Message
from reach.ways import PAGE, Result, Sent
from tests.push.conftest import subscribe
from tests.push.service import PushService, Reply
from tests.reach.conftest import NUMBER, pass_time, work_off
from tests.reach.texts import Texts
from tests.venues.people_of_venue import browser_of, venue_with_people

pytestmark = pytest.mark.django_db(transaction=True)

# `half`: one browser is gone, the other has to wait. `dead`: its effect was given up.
PUSH = ("none", "waits", "half", "gone", "dead", "sent", "arrived")
TEXT = ("none", "due", "failed", "sent", "delivered", "skipped")
TAGS = {"arrived": "call arrived", "sent": "call sent", "waits": "call going out", "lost": "phone not reached"}
# In the pane's words.
SAID = {"arrived": "arrived", "sent": "sent, not known to have arrived", "waits": "waits to be sent"}


@pytest.fixture
def line(transactional_db: None, gateway: Texts) -> Queue:
    venue = venue_with_people()
    commands.set_channels(venue_id=venue.pk, ways=["push", "text"], fallback_s=45)
    return lines.open_line(lines.NewLine(event_name="Dinner", max_guests=500), venue=venue)


def join(line: Queue, *, contact: bool = True) -> Party:
    given = Contact(number=NUMBER, origin="https://line.example") if contact else None
    return lines.join(line.pk, name="Ann", contact=given).party


def tags(host: Client, line: Queue) -> dict[str, str]:
    """By party's id: what the console's list says of its call; empty for one without a tag."""
    html = host.get(f"/queue/{line.code}/host").content.decode()
    rows = re.findall(r'<li class="party is-called.*?data-party="([^"]+)"(.*?)</li>', html, re.DOTALL)
    found = {pk: re.search(r'data-arrival="(\w+)">([^<]+)<', row) for pk, row in rows}
    for tag in filter(None, found.values()):
        assert tag[2] == TAGS[tag[1]]
    return {pk: tag[1] if tag else "" for pk, tag in found.items()}


def expected(push: str, text: str, shown: bool) -> str:
    """The tag, said once more without the program's words."""
    if shown or push == "arrived" or text == "delivered":
        return "arrived"
    if push == "sent" or text == "sent":
        return "sent"
    if push in ("waits", "half") or text == "due":
        return "waits"
    return "lost" if push in ("gone", "dead") or text == "failed" else ""


def tell(party: Party, push: str, text: str, shown: bool, at: datetime) -> Iterator[Message | Delivery]:
    """The rows of its newest call, as the ways write them: push first, the text as the next way. Beside it an older call and an
    older notice, which arrived, and are not the call that is asked for."""

    def message(way: str, state: str, since: float, **more: object) -> Message:
        made_at = at + timedelta(seconds=since)
        sent_at = made_at if state in ("sent", "delivered") else None
        fields: dict[str, object] = {"kind": "called", "round": 2, "made_at": made_at, "due_at": made_at}
        return Message(
            queue_id=party.queue_id, party_id=party.pk, way=way, state=state, **fields | {"sent_at": sent_at} | more
        )

    def delivery(result: str, since: float, **more: object) -> Delivery:
        fields: dict[str, object] = {"kind": "called", "round": 2, "sent_at": at + timedelta(seconds=since)} | more
        return Delivery(party_id=party.pk, result=result, **fields)

    if party.has_contact:
        states = {"none": "skipped", "gone": "skipped", "waits": "due", "half": "due", "dead": "failed"}
        state = states.get(push, "sent")
        detail = "no browser takes its messages" if state == "skipped" else ""
        yield message("push", state, 0.5, detail=detail)
        yield message("text", "delivered", -60, round=1)
        if text != "none":
            yield message("text", text, 45, detail="its guest has answered" if text == "skipped" else "")
        if shown:
            yield message(PAGE, "delivered", -0.5)
    if push != "none" and not (push == "waits" and party.has_contact):
        yield delivery("sent", -120, kind="pos_2", round=0, received_at=at - timedelta(seconds=119))
        yield delivery("sent", -60, round=1, received_at=at - timedelta(seconds=59))
    if push in ("half", "gone", "sent", "arrived"):
        received_at = at + timedelta(seconds=1) if push == "arrived" else None
        yield delivery("gone" if push in ("half", "gone") else "sent", 0, received_at=received_at)


@pytest.mark.thorough
def test_list_and_pane_say_the_same_of_a_call_by_all_ways_together(line: Queue) -> None:
    cases: dict[str, tuple[str, str, bool]] = {}
    for push, text, shown in product(PUSH, TEXT, (False, True)):
        contact = text != "none" or shown
        party = join(line, contact=contact)
        cases[str(party.pk)] = (push, text, shown)
        for _ in range(2):
            lines.call(line.pk, party_id=party.pk)
    Effect.objects.update(status="done")
    rows: list[Message | Delivery] = []
    for party in Party.objects.filter(queue=line):
        push, text, shown = cases[str(party.pk)]
        rows += tell(party, push, text, shown, clock.now())
        if push not in ("none", "gone"):
            fields = {"endpoint": f"https://push.example/{party.pk}", "p256dh": "x", "auth": "y"}
            at = clock.now()
            Subscription.objects.create(queue=line, party=party, created_at=at, changed_at=at, **fields)
        if push in ("waits", "half", "dead") and not party.has_contact:
            status = "dead" if push == "dead" else "pending"
            Effect.objects.filter(name="push", event__party_id=party.pk).update(status=status)
    Message.objects.bulk_create(each for each in rows if isinstance(each, Message))
    Delivery.objects.bulk_create(each for each in rows if isinstance(each, Delivery))

    listed = tags(browser_of("host"), line)
    assert {cases[pk]: tag for pk, tag in listed.items()} == {case: expected(*case) for case in cases.values()}
    for party in Party.objects.filter(queue=line).select_related("queue"):
        last, case, tag = arrival.of_party(party).last, cases[str(party.pk)], listed[str(party.pk)]
        if tag:
            assert last is not None and last.what == "called", case
            assert last.state.partition(":")[0] == SAID.get(tag, "did not arrive"), (case, last)
            assert (last.trouble, last.arrived) == (tag == "lost", tag == "arrived"), case


@pytest.mark.thorough
def test_a_guest_who_is_told_by_text_has_a_tag_and_push_that_failed_is_not_the_end(
    line: Queue, gateway: Texts, service: PushService
) -> None:
    host, party, browser = browser_of("host"), join(line), service.browser()
    subscribe(party, browser)
    work_off()

    def tag() -> str:
        return tags(host, line)[str(party.pk)]

    browser.reply = Reply(410)
    gateway.answers = [Sent(result=Result.LATER)]
    lines.call(line.pk, party_id=party.pk)
    assert tag() == "waits", "workers have it to do"
    work_off()
    assert tag() == "waits", "the text is tried again"
    pass_time(10)
    work_off()
    assert gateway.kinds[-1] == "called" and tag() == "sent"
    Message.objects.filter(kind="called", way="text").update(state="delivered")
    assert tag() == "arrived"
    gateway.answers = [Sent(result=Result.REFUSED, detail="21614")]
    lines.call(line.pk, party_id=party.pk)
    work_off()
    assert tag() == "lost"
    commands.note_shown(Party.objects.get())
    assert tag() == "arrived"


@pytest.mark.thorough
def test_a_call_that_its_guest_answered_has_no_tag(line: Queue, gateway: Texts) -> None:
    parties = [join(line) for _ in range(3)]
    lines.declare_nearby(line.pk, party_id=parties[0].pk)  # before the call: no answer to it
    for party in parties:
        lines.call(line.pk, party_id=party.pk)
    work_off()
    lines.declare_nearby(line.pk, party_id=parties[1].pk)
    lines.ask_more_time(line.pk, party_id=parties[2].pk)
    found = tags(browser_of("host"), line)
    assert [found[str(party.pk)] for party in parties] == ["sent", "", ""]


@pytest.mark.thorough
def test_a_list_of_any_length_asks_as_often(line: Queue, gateway: Texts) -> None:
    host, asked = browser_of("host"), []
    for number in (2, 6):
        for place in range(number):
            lines.call(line.pk, party_id=join(line, contact=place != 1).pk)
        work_off()
        with CaptureQueriesContext(connection) as queries:
            assert len(tags(host, line)) >= number
        about_calls = re.compile('FROM "(reach_|push_|outbox_effect)')
        asked.append(sum(1 for each in queries if about_calls.search(each["sql"])))
    assert asked[0] == asked[1] and 2 <= asked[0] <= 6, asked


@pytest.mark.parametrize(("contact", "read_first"), [(True, 'FROM "reach_message"'), (False, 'FROM "push_delivery"')])
def test_a_call_that_goes_out_while_the_list_is_read_has_a_tag(
    contact: bool, read_first: str, line: Queue, gateway: Texts, service: PushService
) -> None:
    """Else the console, which looks again while a tag is there that says less than “arrived”, would never show one."""
    party = join(line, contact=contact)
    if not contact:
        subscribe(party, service.browser())
    work_off()
    lines.call(line.pk, party_id=party.pk)
    left = [work_off]

    def workers(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        rows = execute(sql, params, many, context)
        while left and sql.startswith("SELECT") and read_first in sql:
            left.pop()()
        return rows

    with connection.execute_wrapper(workers):
        found = arrival.of_calls([party.pk])
    assert not left and found, "the call was seen neither as it waited nor as it was sent"
    assert arrival.of_calls([party.pk]) == {party.pk: Message.State.SENT}
