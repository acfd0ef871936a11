"""Guests of two venues, told by push, SMS and e-mail; and the other side of each way, which counts what it took.

The phone of every second guest whose first way is push or SMS says that it has the message, before the program has its answer.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from twilio.request_validator import RequestValidator

from tests.faults.installation import Target
from tests.mail.mail_server import MailServer
from tests.push.service import Browser, PushService
from tests.reach.phones.provider import SID, TOKEN, TextProvider, Took

FALLBACK_S = 10
# By a guest's number: the first way and the one after it.
ORDERS = (("push", "sms"), ("sms", "email"), ("email", "push"))
KINDS = {
    "QUEUE_MEMBER_JOINED": "join_confirm",
    "QUEUE_MEMBER_CALLED": "called",
    "QUEUE_POSITION_2": "pos_2",
    "QUEUE_POSITION_5": "pos_5",
}
_SET_UP = """
from queues import commands as lines
from queues.contacts import Contact
from reach import commands
from reach.commands.texts import Texts
from venues import commands as venues
first = 10_000_000
for kind, given in ({given!r}).items():
    venue = venues.create_venue(name=kind, timezone_name="Europe/Madrid")
    texts = Texts(kind=kind, sender="+15005550006", **given)
    row, secret = commands.set_texts(venue_id=venue.pk, texts=texts, origin={origin!r})
    commands.set_channels(venue_id=venue.pk, ways=["push", "sms", "email"], fallback_s={fallback_s})
    new = lines.NewLine(event_name="Dinner", max_guests=100_000, call_window_s=3600, auto_no_show=False)
    line = lines.open_line(new, venue=venue)
    print("LINE", kind, line.pk, secret or "-")
    for n in range({guests}):
        contact = Contact(number="+346" + str(first + n), email=f"guest{{first + n}}@example.com",
                          ways={orders!r}[n % 3], origin={origin!r})
        print("GUEST", kind, n, lines.join(line.pk, name=f"Guest {{n}}", contact=contact).party.pk)
    first += {guests}
"""
_TELL = """
from uuid import UUID
from queues import commands as lines
for line, called in ({called!r}).items():
    for party in called:
        lines.call(UUID(line), party_id=party)
    lines.send_message(UUID(line), text="The kitchen closes at ten")
"""
Told = tuple[str, str, str]  # party, kind, way


@dataclass
class Reached:
    """The guests, by the venue whose provider carries their texts, and the other sides."""

    target: Target
    gateway: TextProvider
    twilio: TextProvider
    mails: MailServer
    phones: PushService
    lines: dict[str, str] = field(default_factory=dict)
    guests: dict[str, list[str]] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)
    quick: list[Browser] = field(default_factory=list)
    called: dict[str, set[str]] = field(default_factory=dict)

    def set_up(self, guests: int) -> None:
        """So many guests join, half of them at a venue with a gateway, half with Twilio; needs the web process."""
        given = {"gateway": {"url": self.gateway.url}, "twilio": {"sid": SID, "token": TOKEN}}
        script = _SET_UP.format(
            given=given, origin=self.target.stack.url(), fallback_s=FALLBACK_S, guests=guests // 2, orders=ORDERS
        )
        for row in self.target.stack.manage("shell", "-c", script).stdout.splitlines():
            match row.split():
                case ["LINE", kind, line, secret]:
                    self.lines[kind], self.guests[kind] = line, []
                    if kind == "gateway":
                        self.gateway.secret = secret
                case ["GUEST", kind, _, party]:
                    self.guests[kind].append(party)
        with httpx.Client(base_url=f"{self.target.stack.url()}/api/push/", timeout=20) as client:
            self.phones.public_key = client.get("vapid").json()["publicKey"]
            for kind, parties in self.guests.items():
                for n, party in enumerate(parties):
                    if "push" in ORDERS[n % 3]:
                        self._subscribe(client, self.lines[kind], party)
                self.quick += [self.browsers[party] for party in parties[::6]]

    def _subscribe(self, client: httpx.Client, line: str, party: str) -> None:
        browser = self.browsers[party] = self.phones.browser()
        body = {"sessionId": line, "partyId": party, "subscription": browser.subscription}
        answer = client.post("subscribe", json=body)
        assert answer.status_code == 200, answer.text

    def tell(self) -> None:
        """The second half of each venue's guests is called, the first half, which waits, gets a message."""
        self.called = {kind: set(parties[len(parties) // 2 :]) for kind, parties in self.guests.items()}
        called = {self.lines[kind]: parties[len(parties) // 2 :] for kind, parties in self.guests.items()}
        self.target.stack.manage("shell", "-c", _TELL.format(called=called))

    def shows(self, browser: Browser) -> None:
        """Tells the program that the browser shows its newest message, before the program has its answer."""
        if browser in self.quick:
            with suppress(httpx.TransportError):
                body = {"receipt": browser.received[-1].payload["receipt"]}
                answer = httpx.post(f"{self.target.stack.url()}/api/push/received", json=body, timeout=20)
                assert answer.status_code == 200, answer.text

    def receipt(self, took: Took) -> None:
        """Tells the program that the text is on the phone, before the program has its answer."""
        if (int(took.to[4:]) - 10_000_000) % len(self.guests["gateway"]) % 6 != 1:
            return
        with suppress(httpx.TransportError):
            if "/texts/gateway/" in took.receipts:
                answer = self.gateway.tell(took.receipts, {"type": "message.delivered", "id": took.key})
            else:
                form = {"MessageSid": took.id, "MessageStatus": "delivered", "To": took.to}
                signature = RequestValidator(TOKEN).compute_signature(took.receipts, form)
                answer = httpx.post(took.receipts, data=form, headers={"X-Twilio-Signature": signature}, timeout=20)
            assert answer.status_code < 300, answer.text

    # ------------------------------------------------------------------------------------------------------- questions
    def number_taken(self) -> int:
        """How many messages the other sides have taken."""
        pushed = sum(len(browser.received) for browser in self.browsers.values())
        return len(self.gateway.took) + len(self.twilio.took) + len(self.mails.received) + pushed

    def taken(self) -> Counter[Told]:
        """How often the other side took each message. The name by which it was sent must be that of the guest's own message."""
        contacts = self.target.rows("SELECT party_id::text AS party, number, email FROM reach_contact")
        numbers, emails = ({row[each]: row["party"] for row in contacts} for each in ("number", "email"))
        rows = {str(row["id"]): row for row in self.target.rows("SELECT id, party_id, kind, way FROM reach_message")}
        sent = [(took.key, numbers[took.to]) for took in [*self.gateway.took, *self.twilio.took]]
        sent += [(mail["Message-ID"].strip("<>").split("@")[0], emails[mail["To"]]) for mail in self.mails.received]
        found: Counter[Told] = Counter()
        for key, party in sent:
            assert str(rows[key]["party_id"]) == party
            found[party, rows[key]["kind"], rows[key]["way"]] += 1
        found.update((party, kind, "push") for party, browser in self.browsers.items() for kind in browser.kinds)
        return found

    def expected(self) -> set[Told]:
        """What must have been told, from the events of the lines and the guests' choice."""
        told: set[Told] = {(party, "join_confirm", "push") for party in self.browsers}
        for kind, parties in self.guests.items():
            order = {party: ORDERS[n % 3] for n, party in enumerate(parties)}
            told |= {(party, "message", order[party][0]) for party in parties if party not in self.called[kind]}
            arrived = {*parties[::6], *parties[1::6]}  # whose first way, push or SMS, says so
            for event in self.target.rows(
                "SELECT type, party_id::text AS party FROM outbox_event WHERE stream_id = %s AND type = ANY(%s)",
                self.lines[kind], list(KINDS),
            ):  # fmt: skip
                party, news = event["party"], KINDS[event["type"]]
                ways = [way for way in order[party] if way != "push" or news != "join_confirm"]
                follows = news == "called" and party not in arrived
                told |= {(party, news, way) for way in ways[: 2 if follows else 1]}
        return told


@contextmanager
def reached(target: Target) -> Iterator[Reached]:
    """Two providers of texts, a mail server and a push service, known to the program's processes that start in the block."""
    with ExitStack() as stack:
        gateway, twilio, phones = TextProvider(), TextProvider(), PushService()
        mails = stack.enter_context(MailServer().running())
        made = Reached(target, gateway, twilio, mails, phones)
        gateway.on_taken = twilio.on_taken = made.receipt
        phones.on_taken = made.shows
        env: dict[str, Any] = {
            "TEXT_EXTRA_HOSTS": f"{gateway.host},{twilio.host}",
            "TWILIO_API_URL": f"http://{twilio.host}",
            "EMAIL_URL": f"smtp://127.0.0.1:{mails.port}",
            "PUSH_EXTRA_HOSTS": phones.host,
        }
        target.stack.env.update(env)
        try:
            yield made
        finally:
            target.run()  # its clients end before their servers do
            for name in env:
                target.stack.env.pop(name)
            for server in (gateway, twilio, phones):
                server.close()
