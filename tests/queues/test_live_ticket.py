"""All that a ticket shows is live: what the host edits and promises, what is undone, what is asked (decision 0030)."""

from typing import Any

import orjson
import pytest
from django.test import Client

from outbox.models import Event
from polls import asking
from polls import commands as polls
from polls.models import Poll
from queues import commands, deltas, rules, selectors, shapes
from queues.edge.lines import Line
from queues.models import Party, Queue
from tests.page_client import page
from tests.queues.command_tables import ACTIONS, Act
from tests.queues.database_lines import Floor
from tests.queues.page_client import join, line_by_form, press

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

MINUTE = 60_000


def own(guest: Client, line: Queue) -> dict[str, Any]:
    """What the page's script gets about its own party."""
    told: dict[str, Any] = guest.get(f"/queue/{line.code}/place.json").json()
    return told


def public(line: Queue) -> dict[str, Any]:
    """The public snapshot."""
    row = selectors.current_row(line.pk)
    assert row is not None
    return shapes.public(row)


def test_what_a_host_edits_reaches_the_ticket_and_no_name_the_public(host: Client, guest: Client) -> None:
    line = line_by_form(host)
    commands.join(line.pk, name="First")
    party = join(guest, line, name="Ana", size=2)
    before = public(line)
    assert "edited" not in before and "promised" not in before
    press(host, line, "edit", party=party.pk, name="Ana Canary", size=5, note="")
    seen, told = public(line), own(guest, line)
    assert seen["edited"] == {"2": 1} and told["edits"] == 1, "the page sees that it must ask"
    assert (told["name"], told["guests"], seen["queue"][1]["size"]) == ("Ana Canary", "5 guests", 5)
    assert "Canary" not in str(seen)
    press(host, line, "undo", version=commands.last_action(line.pk).version)  # type: ignore[union-attr]
    assert public(line)["edited"] == {"2": 2} and own(guest, line)["name"] == "Ana"
    commands.call(line.pk, party_id=party.pk)
    assert "edited" not in public(line), "who is called is told by its own answer alone"


def test_a_promised_wait_replaces_our_estimate_on_every_path(host: Client, guest: Client) -> None:
    line = line_by_form(host)
    commands.join(line.pk, name="First")
    party = join(guest, line, name="Ana")
    assert "we cannot say yet" in page(guest, f"/queue/{line.code}/ticket")
    edit = {"party": party.pk, "name": "Ana", "size": 2, "note": "", "quote_was": "2-4"}
    press(host, line, "edit", **edit, quote_low=40, quote_high=50)
    assert "40–50 min" in page(guest, f"/queue/{line.code}/ticket")
    until = [int(party.joined_at.timestamp() * 1000) + minutes * MINUTE for minutes in (40, 50)]
    told, seen = own(guest, line), public(line)
    assert [abs(a - b) <= 1 for a, b in zip(told["promised"], until, strict=True)] == [True, True]
    assert seen["promised"] == {"2": told["promised"]}
    for view in (told, seen["queue"][1]):
        assert 39 * MINUTE < view["waitLowMs"] <= 40 * MINUTE and 49 * MINUTE < view["waitHighMs"] <= 50 * MINUTE
    # The contract's own answer: the middle; 0 when no party is ahead.
    row = selectors.current_row(line.pk)
    assert row is not None
    old = shapes.guest(row, str(party.pk), found=Line(row).place_of(str(party.pk)))
    assert old is not None and 44 * MINUTE < old["estimatedWaitMs"] <= 45 * MINUTE
    assert own(guest, line)["state"] == "waiting"
    # What is left of it never gets below nothing, and an undo gives our estimate back.
    Party.objects.filter(pk=party.pk).update(joined_at=party.joined_at - rules.IDLE_LIFE)
    late = own(guest, line)
    assert (late["waitLowMs"], late["waitHighMs"]) == (0, 0)
    assert "any moment now" in page(guest, f"/queue/{line.code}/ticket")
    commands.undo(line.pk)
    assert "we cannot say yet" in page(guest, f"/queue/{line.code}/ticket") and "promised" not in public(line)


def test_a_long_line_tells_edits_and_promises_with_what_changed(host: Client) -> None:
    line = line_by_form(host)
    parties = [commands.join(line.pk, name=f"P{n}").party for n in range(4)]
    row = selectors.current_row(line.pk)
    assert row is not None
    known = Line(row)
    commands.edit_party(line.pk, party_id=parties[2].pk, name="Q", quote_ms=(5 * MINUTE, 9 * MINUTE))
    news = selectors.newest(line.pk, known.version, long=-1)
    assert news is not None and not deltas.is_row(news)
    after = known.after(news)
    assert after is not None
    whole = selectors.current_row(line.pk)
    assert whole is not None and shapes.public(after.row) == shapes.public(whole)
    changes = orjson.loads(after.public(since=known.version).body)
    assert changes["edited"] == {"3": 1} and set(changes["promised"]) == {"3"}


def test_a_poll_for_the_line_comes_to_tickets_that_are_open_and_goes(host: Client, guest: Client) -> None:
    line = line_by_form(host)
    join(guest, line)

    def told() -> list[str]:
        """After the effects of all events so far, in the line's public snapshot."""
        for event in Event.objects.filter(effects__name="tickets").order_by("pk"):
            asking.show_on_tickets(event)
        return [question["code"] for question in public(line).get("asked", [])]

    new = polls.NewPoll(title="Which dessert?", choices=["Flan", "Cake"], dedupe=Poll.Dedupe.TICKET)
    poll = polls.create(new, queue=line, open_now=True)
    assert told() == [poll.code]
    version = Queue.objects.get(pk=line.pk).version
    assert told() == [poll.code] and Queue.objects.get(pk=line.pk).version == version, "the same again is no change"
    polls.close(poll.pk)
    assert told() == []
    polls.reset(poll.pk)
    assert told() == [poll.code]
    polls.delete(poll.pk)
    assert told() == []
    elsewhere = polls.create(polls.NewPoll(title="Else?", choices=["A", "B"]), open_now=True)
    assert told() == [] and elsewhere.queue_id is None


@pytest.mark.parametrize("name", [each for each in ACTIONS if each not in {"renew token", "call again"}])
def test_each_host_action_is_seen_on_an_open_page_and_so_is_its_undo(name: str) -> None:
    """By the public snapshot, which every page polls for ever, and each party's own answer."""
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia", "Eva", "Fay", "Gus", call_window_s=3600)
    commands.leave(floor.pk, party_id=floor.id("Gus"))
    commands.call(floor.pk)
    commands.call(floor.pk)

    def seen() -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
        snapshot = public(floor.queue)
        # A pace that was seen was seen: an undo does not take it back, nor what follows from it.
        pace = ("joinLowMs", "joinHighMs", "joinBySize", "joinUnknown", "waitsUnknown")
        for gone in ("version", "callDeadline", "nowServing", "edited", *pace):
            snapshot.pop(gone, None)
        for party in snapshot["queue"]:
            if str(party["ticket"]) not in snapshot.get("promised", {}):
                del party["waitLowMs"], party["waitHighMs"]
        for party in snapshot["called"]:
            del party["deadline"]
        tickets = {}
        for ticket in Party.objects.filter(queue=floor.pk).order_by("ticket"):
            browser = Client()
            browser.cookies[f"place_{floor.queue.code}"] = str(ticket.pk)
            told = own(browser, floor.queue)
            tickets[ticket.ticket] = {
                key: told[key]
                for key in ("state", "position", "name", "guests", "moreTime", "promised", "behind", "message")
            }
        return snapshot, tickets

    act_: Act = ACTIONS[name]
    before, version = seen(), floor.version
    act_(floor)
    after = seen()
    assert floor.version == version + 1, "the bytes that pages poll are others"
    commands.undo(floor.pk)
    undone = seen()
    assert floor.version == version + 2
    kept = {ticket: told for ticket, told in undone[1].items() if ticket in before[1]}
    assert (undone[0], kept) == before
    if name not in QUIET:
        assert after != before, f"{name} is seen"


# Seen by hosts alone, by those who join, or only in the deadline of a call.
QUIET = {"give more time", "give minutes", "edit line", "hours", "calls", "wait"}
