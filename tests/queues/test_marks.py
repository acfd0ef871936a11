"""What a line's console says for the ears: frontend/host/heard.ts plays what is new of it."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from queues import commands
from queues.models import Queue
from queues.pages.marks import marks
from tests.page_client import page
from tests.queues.page_client import line_by_form

pytestmark = pytest.mark.django_db


def said(host: Client, line: Queue) -> Any:
    found = re.search(r'data-marks="([^"]+)"', page(host, f"/queue/{line.code}/host/list"))
    assert found
    return json.loads(unescape(found[1]))


@pytest.mark.thorough
def test_the_console_says_who_joined_and_who_asks_for_more_time(host: Client) -> None:
    line = line_by_form(host)
    assert said(host, line) == {"newest": 0, "asks": [], "late": [], "lapsed": 0}
    ana, bob = (commands.join(line.pk, name=name).party for name in ("Ana", "Bob"))
    commands.add_walk_in(line.pk, name="Zoe", size=2)
    assert said(host, line)["newest"] == 2, "a host knows of a walk-in already"
    commands.call(line.pk, party_id=ana.pk)
    commands.ask_more_time(line.pk, party_id=ana.pk)
    assert said(host, line)["asks"] == [1]
    commands.give_more_time(line.pk, party_id=ana.pk, seconds=60)
    assert said(host, line)["asks"] == []
    commands.leave(line.pk, party_id=bob.pk)
    assert said(host, line)["newest"] == 1


def test_late_parties_are_named_by_their_tickets() -> None:
    party = {"ticket": 3, "walkIn": True, "wantsMoreTime": False}
    row: Any = {"waiting": [], "called": [party | {"lateAt": 1_700_000_000_000}, party | {"ticket": 4, "lateAt": None}]}
    assert json.loads(marks(row, lapsed=2)) == {"newest": 0, "asks": [], "late": [3], "lapsed": 2}
