"""What hosts and guests do on the pages of lines, in browsers without scripts."""

import re
from typing import Any
from uuid import uuid4

from django.test import Client

from queues.models import Party, Queue
from tests.page_client import created_code, press_button

LINE_FORM = {"event_name": "Friday dinner", "max_guests": "60", "call_window_s": "120"}


def line_by_form(host: Client, path: str = "/", **fields: str) -> Queue:
    """A line that this browser opens by the form."""
    return Queue.objects.get(code=created_code(host, path, {**LINE_FORM, **fields}))


def join(guest: Client, line: Queue, *, name: str = "", size: int = 2, key: str = "") -> Party:
    """Joins by the form; the party whose ticket follows."""
    answer = guest.post(f"/queue/{line.code}", {"name": name, "size": size, "key": key or str(uuid4())})
    assert answer.status_code == 303, answer.content.decode()
    address, _, place = answer["Location"].partition("#place=")
    assert address == f"/queue/{line.code}/ticket"
    return Party.objects.get(pk=place, queue=line)


def press(host: Client, line: Queue, action: str, **fields: Any) -> str:
    """Presses a button of the console; the console that follows."""
    console = f"/queue/{line.code}/host"
    return press_button(host, f"{console}/{action}", fields, leads_to=console)


def shown_state(html: str) -> str:
    """The ticket state that is visible."""
    visible = re.findall(r'<section [^>]*data-in="(\w+)"(?! hidden)>', html)
    assert len(visible) == 1, visible
    return str(visible[0])
