"""F7: many people at once on few lines, at random. Afterwards a legal order of all that happened exists, and gives the rows."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from core.errors import Refused
from outbox import dispatcher
from outbox.models import Event
from queues import commands, rules, selectors
from queues.fields import PARTY_FIELDS
from queues.models import Party, Queue
from tests.installation import FULL
from tests.properties.compare import Follower, fields_of

# Who joins by this name joins as the older contract has it: not while another of that name is in line.
ADA = "Ada"
OPERATIONS, THREADS, LINES = (100_000, 16, 4) if FULL else (1_000, 8, 3)


class Person:
    """A person who gives random commands to known parties, some of which are gone."""

    def __init__(self, seed: int, lines: list[UUID], known: list[tuple[UUID, UUID]]) -> None:
        self.random = random.Random(seed)
        self.lines, self.known = lines, known
        self.answers: Counter[str] = Counter()

    def act(self) -> None:
        """One command; a refusal is an answer, anything else is a fault."""
        choice = self.random.choices([action for action, _ in ACTIONS], [weight for _, weight in ACTIONS])[0]
        line = self.random.choice(self.lines)
        others = [party for where, party in self.known[-60:] if where == line] if self.known else []
        party = self.random.choice(others) if others else UUID(int=1)
        try:
            choice(self, line, party)
        except Refused as problem:
            self.answers[f"refused {problem.status}"] += 1
        else:
            self.answers["done"] += 1

    def join(self, line: UUID, party: UUID) -> None:
        name = self.random.choice(["", "", "", ADA, "Bob"])
        key = self.random.choice(["", "", f"key {self.random.randrange(40)}"])
        size = self.random.randint(1, 4)
        joined = commands.join(line, name=name, size=size, key=key, unique_name=name == ADA)
        self.known.append((line, joined.party.pk))

    def walk_in(self, line: UUID, party: UUID) -> None:
        self.known.append((line, commands.add_walk_in(line, size=2, note="by the door").party.pk))

    def advance(self, line: UUID, party: UUID) -> None:
        commands.advance(line, served_party=self.random.choice([None, str(party)]))

    def edit(self, line: UUID, party: UUID) -> None:
        commands.edit_party(line, party_id=party, size=self.random.randint(1, 4), name=self.random.choice([None, "Cy"]))

    def reorder(self, line: UUID, party: UUID) -> None:
        commands.reorder(line, party_id=party, position=self.random.randint(1, 5))

    def expire(self, line: UUID, party: UUID) -> None:
        commands.expire_call(line, party_id=party, wait=self.random.choice([True, False]))

    def switch(self, line: UUID, party: UUID) -> None:
        self.random.choice([commands.pause, commands.resume, commands.resume])(line)


def on_party(command: Callable[..., Any]) -> Callable[[Person, UUID, UUID], Any]:
    return lambda _, line, party: command(line, party_id=party)


ACTIONS: list[tuple[Callable[[Person, UUID, UUID], Any], int]] = [
    (Person.join, 30),
    (Person.walk_in, 5),
    (Person.advance, 10),
    (Person.edit, 5),
    (Person.reorder, 5),
    (Person.expire, 6),
    (Person.switch, 2),
    (lambda _, line, party: commands.call(line), 8),
    (lambda _, line, party: commands.undo(line), 4),
    (on_party(commands.call), 4),
    (on_party(commands.serve), 6),
    (on_party(commands.kick), 4),
    (on_party(commands.leave), 6),
    (on_party(commands.no_show), 4),
    (on_party(commands.put_back), 5),
    (on_party(commands.declare_nearby), 4),
    (on_party(commands.let_pass), 4),
    (on_party(commands.ask_more_time), 3),
    (on_party(commands.give_more_time), 3),
]


@pytest.mark.faults
@pytest.mark.timeout(3600 if FULL else 240)
@pytest.mark.django_db(transaction=True)
def test_a_legal_order_exists_for_all_that_many_people_do_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "after_commit", lambda *_: None)
    # Calls end at once, so that the sweep's command is one of the players.
    new = commands.NewLine(event_name="Line", max_guests=60, call_window_s=0)
    lines = [commands.open_line(new).pk for _ in range(LINES)]
    known: list[tuple[UUID, UUID]] = []
    people = [Person(seed, lines, known) for seed in range(THREADS)]
    faults: list[BaseException] = []

    def live(person: Person) -> None:
        try:
            for _ in range(OPERATIONS // THREADS):
                person.act()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=live, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults[:3]
    answers = sum((person.answers for person in people), Counter[str]())
    # The longer it goes on, the more lines are full and parties gone: of 100,000 a quarter were done.
    assert answers["done"] > OPERATIONS // (5 if FULL else 3), answers
    assert answers["refused 404"] and answers["refused 409"], answers
    for line in lines:
        check_history(line)


def check_history(line: UUID) -> None:
    """The events, in the order of their versions, are a legal story, and it ends with the rows."""
    follower = Follower(line)
    events = follower.follow()
    queue = Queue.objects.get(pk=line)
    rows = {str(party.pk): fields_of(party, PARTY_FIELDS) for party in queue.parties.all()}
    assert (follower.at[0], follower.parties) == (queue.version, rows)
    follower.check_with_the_programs_own_replay(line)
    _every_step_is_one_of_the_rules(events)
    parties = list(queue.parties.order_by("ticket"))
    assert [party.ticket for party in parties] == list(range(1, queue.next_ticket))
    keys = [party.join_key for party in parties if party.join_key]
    assert len(keys) == len(set(keys))
    row = selectors.current_row(line)
    assert row is not None and row["version"] == queue.version
    assert [p["ticket"] for p in row["waiting"]] == [
        p.ticket for p in sorted(parties, key=lambda p: (p.rank, p.ticket)) if p.status == rules.WAITING
    ]


def _every_step_is_one_of_the_rules(events: list[Event]) -> None:
    """Nobody was served who had left, nobody called who was not in line; the party that the clock called stood first; and who
    asked for a name of their own has it."""
    status: dict[str, str] = {}
    name: dict[str, str] = {}
    rank: dict[str, tuple[int, int]] = {}
    for event in events:
        for party_id, fields in event.changes.get("parties", {}).items():
            if "name" in fields:
                if event.type == "QUEUE_MEMBER_JOINED" and fields["name"][1] == ADA:
                    assert not any(name.get(other) == ADA and now in Party.IN_LINE for other, now in status.items())
                name[party_id] = fields["name"][1]
            if "status" in fields:
                before, after = fields["status"]
                assert status.get(party_id) == before
                if event.action == "no_show" and event.type == "QUEUE_MEMBER_CALLED":
                    waiting = [rank[p] for p, s in status.items() if s == rules.WAITING]
                    assert rank[party_id] == min(waiting), "the clock called another party than the head of the line"
                if before is not None and event.action != "undo":
                    assert before in rules.MAY_BECOME[after], f"{before} became {after} by {event.action}"
                status[party_id] = after
            if "rank" in fields:
                ticket = fields["ticket"][1] if "ticket" in fields else rank[party_id][1]
                rank[party_id] = (fields["rank"][1], ticket)
