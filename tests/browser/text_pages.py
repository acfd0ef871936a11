"""Texts in real browsers: an owner sets up a gateway, and a guest's telephone writes to it."""

from dataclasses import dataclass
from typing import Any

import orjson
from playwright.sync_api import Page, expect

from tests.reach.phones.provider import TextProvider


@dataclass(frozen=True, slots=True)
class Telephone:
    """A number at the venue's gateway. `calls`: where the gateway brings what it writes."""

    number: str
    gateway: TextProvider
    calls: str

    @property
    def got(self) -> list[str]:
        """The texts that it shows, oldest first."""
        return [took.text for took in self.gateway.took if took.to == self.number]

    def write(self, text: str) -> str:
        """Sends a text; the answer to it, empty without one."""
        return str(self._call({"type": "message.received", "from": self.number, "text": text}).get("reply", ""))

    def receive(self) -> None:
        """Its network says that all texts have arrived."""
        for took in self.gateway.took:
            if took.to == self.number:
                self._call({"type": "message.delivered", "id": took.key})

    def _call(self, said: dict[str, str]) -> dict[str, Any]:
        answer = self.gateway.tell(self.calls, said)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = orjson.loads(answer.content or b"{}")
        return told


def choose_ways(owner: Page, *labels: str) -> None:
    """On the page of messages: these ways, in this order."""
    for place, label in zip(("First", "Second", "Third", "Fourth"), labels, strict=False):
        owner.get_by_label(place, exact=True).select_option(label=label)
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("It holds for messages from now on.")).to_be_visible()


def set_up_gateway(owner: Page, gateway: TextProvider, *, cap: str, proven: bool = False) -> str:
    """On the page of texts: a gateway of the venue's own, what a day may cost, and whether numbers are `proven` by a code.
    Returns where it brings what guests write."""
    owner.get_by_role("radio", name="A gateway of our own").check()
    owner.locator("summary", has_text="A gateway of our own").click()
    owner.get_by_label("Address of the gateway").fill(gateway.url)
    owner.get_by_label("Sender of SMS").fill("+34600000001")
    owner.get_by_label("At most a day").fill(cap)
    owner.get_by_label("Numbers are proven by a code").set_checked(proven)
    owner.get_by_role("button", name="Save").click()
    gateway.secret = owner.get_by_label("The secret", exact=True).input_value()
    calls = owner.locator(".webhook-url").inner_text()
    owner.get_by_role("link", name="I have copied it").click()
    return calls
