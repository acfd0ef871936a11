"""What a host sees and presses on the console, in a browser without scripts."""

import re

from django.test import Client

from queues.models import Party, Queue
from tests.page_client import page

Fields = dict[str, str]


def shown(host: Client, line: Queue) -> str:
    """The console's page."""
    return page(host, f"/queue/{line.code}/host")


def all_shown(host: Client, line: Queue, party: Party) -> str:
    """The console's page, and the page of one party, which has the buttons that its row has not."""
    return shown(host, line) + page(host, f"/queue/{line.code}/host/party/{party.ticket}")


def form(html: str, action: str, *, party: Party | None = None) -> Fields:
    """The fields of the form with the button for `action` (of that party), as a browser sends them untouched."""
    found = []
    for inside in re.findall(r"<form [^>]*>.*?</form>", html, re.S):
        fields = {}
        for tag in re.findall(r"<input [^>]*>", inside):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name and "checkbox" not in tag:
                fields[name[1]] = value[1] if value else ""
        if re.search(rf'action="/queue/\w+/host/{action}"', inside):
            found.append(fields)
    of_party = [each for each in found if party is None or each.get("party") == str(party.pk)]
    assert of_party, (action, html)
    return of_party[0]


def press(host: Client, line: Queue, action: str, fields: Fields) -> tuple[int, str]:
    """Status and answer of a button that the console's script presses."""
    answer = host.post(f"/queue/{line.code}/host/{action}", fields, headers={"x-fragment": "1"})
    return answer.status_code, answer.content.decode()
