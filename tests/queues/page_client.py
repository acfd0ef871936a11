"""What tests of the pages do in browsers without scripts: forms, and following where they lead."""

import re
from uuid import uuid4

from django.test import Client

from queues.models import Party, Queue

OPEN = {"event_name": "Friday dinner", "max_guests": "60", "call_window_s": "120"}


def hosted(host: Client, **said: str) -> Queue:
    """A line opened by form in this browser."""
    answer = host.post("/", {**OPEN, "key": str(uuid4()), **said})
    assert answer.status_code == 303, answer.content.decode()
    code = re.fullmatch(r"/queue/(\w{6})/host", answer["Location"])
    assert code
    return Queue.objects.get(code=code[1])


def join(guest: Client, line: Queue, *, name: str = "", size: int = 2, key: str = "") -> Party:
    """Joins by form, and follows to the ticket."""
    said = {"name": name, "size": size, "key": key or str(uuid4())}
    answer = guest.post(f"/queue/{line.code}", said)
    assert answer.status_code == 303, answer.content.decode()
    address, _, place = answer["Location"].partition("#place=")
    assert address == f"/queue/{line.code}/ticket"
    return Party.objects.get(pk=place, queue=line)


def page(client: Client, path: str, status: int = 200) -> str:
    """The page's HTML."""
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def act(host: Client, line: Queue, action: str, **said: object) -> str:
    """Presses a button of the console; the console it leads to."""
    answer = host.post(f"/queue/{line.code}/host/{action}", said)
    assert answer.status_code == 303, answer.content.decode()
    assert answer["Location"] == f"/queue/{line.code}/host"
    return page(host, answer["Location"])


def shown_state(html: str) -> str:
    """Which of the ticket's states is visible."""
    visible = re.findall(r'<section [^>]*data-in="(\w+)"(?! hidden)>', html)
    assert len(visible) == 1, visible
    return str(visible[0])
