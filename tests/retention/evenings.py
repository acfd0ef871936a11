"""Evenings of a restaurant over HTTP: everything that is personal comes in through every door of the running program."""

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx
import orjson

from outbox.signing import signed
from tests.database_clock import DatabaseClock
from tests.installation import Stack, wait_until

NAME, NOTE, SAID, CONTACT, ENDPOINT = "Quillfeather", "aviary-note", "aviary-said", "aviary-contact", "aviary-endpoint"
TEXT, KNOWN, WORDS, KEY = "aviary-text", "aviary-known", "aviary-words", "aviary-key-0123456789"
NUMBER, EMAIL, ADDRESS = "600887711", "canary@aviary.example", "203.0.113.77"
CANARIES = [NAME, NOTE, SAID, CONTACT, ENDPOINT, TEXT, KNOWN, WORDS, KEY, NUMBER, EMAIL, ADDRESS]
OWNER, PASSWORD = "ana@house.example", "correct horse battery"
PUSH = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "AAECAwQFBgcICQoLDA0ODw",
}
SET_UP = f"""
from guests.commands import change_history
from reach.commands import set_channels, set_texts
from reach.commands.texts import Texts
from venues import commands
from venues.models import User
venue = commands.create_venue(name="Casa Ana", timezone_name="Europe/Madrid")
commands.change_venue(venue_id=venue.pk, ask_after_min=5)
commands.create_host(email="{OWNER}", venue=venue, password="{PASSWORD}", role="owner")
User.objects.update(is_staff=True)
set_channels(venue_id=venue.pk, ways=["email", "sms"], fallback_s=600)
change_history(venue_id=venue.pk, on=True, months=1)
texts, _ = set_texts(venue_id=venue.pk, texts=Texts(kind="gateway", url="https://gateway.invalid/send", sender="Casa"),
                     origin="https://x.example")
print("KEY", commands.create_api_key(venue=venue, name="till")[1], texts.pk, texts.secret)
"""
# Of a page: tokens, and links to the days before today.
_CHANGES_EACH_TIME = re.compile(
    r'name="(?:csrfmiddlewaretoken|key)" value="[^"]*"|nonce="[^"]*"|data-now="[^"]*"|href="[^"]*"| aria-current="[^"]*"'
)


class House:
    """A venue, its owner's browser and its till's program."""

    def __init__(self, stack: Stack, clock: DatabaseClock) -> None:
        self.clock = clock
        _, self.key, self.gateway, self.secret = stack.manage("shell", "--command", SET_UP).stdout.split()[-4:]
        self.stack, self.evenings = stack, 0
        self.codes: list[str] = []
        self.till = httpx.Client(
            base_url=stack.url(), headers={"api-key": self.key, "x-forwarded-for": ADDRESS}, timeout=30
        )
        self.owner = httpx.Client(base_url=stack.url(), follow_redirects=True, timeout=30)
        self.sign_in()

    def sign_in(self) -> None:
        """The owner signs in; a session lasts some days."""
        self.owner.get("/sign-in")
        assert self.form("/sign-in", username=OWNER, password=PASSWORD).status_code == 200
        assert self.owner.get("/venue/reports").status_code == 200

    def close(self) -> None:
        self.till.close()
        self.owner.close()

    def form(self, path: str, browser: httpx.Client | None = None, **fields: str) -> httpx.Response:
        """Submits a form of a page."""
        browser = browser or self.owner
        data = {"csrfmiddlewaretoken": browser.cookies.get("csrftoken", ""), **fields}
        return browser.post(path, data=data, headers={"referer": self.stack.url() + path})

    def post(self, path: str, body: Any, key: str = "") -> Any:
        """A call of the API by the till."""
        answer = self.till.post(path, json=body, headers={"idempotency-key": f"{KEY}-{key}"} if key else {})
        assert answer.status_code < 400, f"{path}: {answer.text}"
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    # ------------------------------------------------------------------------------------------------------- an evening
    def evening(self) -> str:
        """One line from its opening to its close, and a room; the line's code."""
        self.evenings += 1
        each = self.evenings
        opened = {"eventName": "Dinner", "maxGuests": 50, "contactInfo": CONTACT}
        made = self.post("/api/queue/create", opened, key=f"{each}-line")
        code, line = made["code"], f"/api/queue/{made['code']}"
        joined = {"name": NAME, "size": 2, "number": f"+34{NUMBER}", "email": EMAIL}
        party = self.post(f"{line}/join", joined, key=f"{each}-party")["partyId"]
        self._correct(line, party)
        self._in_a_browser(made["sessionId"], party)
        self._conversation()
        self._knows(code)
        self._mistakes(line, code)
        self.post(f"{line}/call", {"partyId": party})
        self.post(f"{line}/serve", {"partyId": party})
        self._by_the_page(code)
        self._erased(line)
        room = self.post("/api/rooms", {"title": "Louder?"})["code"]
        self.post(f"/api/rooms/{room}/participants", {"name": NAME}, key=f"{each}-voice")
        self.post(f"{line}/close", {})
        self.post(f"/api/rooms/{room}/close", {})
        self.codes.append(code)
        return str(code)

    def _correct(self, line: str, party: str) -> None:
        """Hosts write, correct and undo."""
        self.post(f"{line}/edit", {"partyId": party, "name": f"{NAME} II", "note": NOTE})
        self.post(f"{line}/undo", {})
        self.post(f"{line}/edit", {"partyId": party, "name": f"{NAME} II", "note": NOTE})
        self.post(f"{line}/message", {"text": SAID})
        self.post(f"{line}/message-party", {"partyId": party, "text": SAID})
        self.post(f"{line}/pause", {"reason": SAID})
        self.post(f"{line}/resume", {})
        self.post(f"{line}/walk-in", {"name": f"{NAME} III", "note": NOTE}, key=f"{self.evenings}-walk-in")
        action = {"id": str(uuid4()), "action": "edit", "party": party, "fields": {"name": f"{NAME} V", "size": "3"}}
        self.post(f"{line}/actions", {"actions": [action]})

    def _in_a_browser(self, session: str, party: str) -> None:
        """What a guest's browser keeps with us and reports."""
        endpoint = f"https://fcm.googleapis.com/fcm/send/{ENDPOINT}-{self.evenings}"
        subscribed = {"sessionId": session, "partyId": party, "subscription": {"endpoint": endpoint, "keys": PUSH}}
        self.post("/api/push/subscribe", subscribed)
        self.post("/api/track", {"sessionId": session, "partyId": party, "type": "seen", "meta": {"page": NOTE}})

    def _conversation(self) -> None:
        """The guest writes by SMS; the provider brings it twice. And one comes from a number in no line."""
        for number, id_ in ((f"+34{NUMBER}", "a"), (f"+34{NUMBER}", "a"), ("+34600887712", "b")):
            body = orjson.dumps({"type": "message.received", "from": number, "text": f"{TEXT} of {NAME}"})
            headers = signed(f"text-{self.evenings}-{id_}", body, [self.secret], datetime.now(UTC))
            answer = self.till.post(
                f"/texts/gateway/{self.gateway}", content=body, headers={**headers, "content-type": "application/json"}
            )
            assert answer.status_code == 200, answer.text

    def _knows(self, code: str) -> None:
        """A host notes what the venue knows of the guest, looks for the name, and gives the guest their data."""
        page = f"/queue/{code}/host/guest/1"
        known = self.clock.goes_on(lambda: 'name="notes"' in self.owner.get(page).text)
        wait_until(known, what="the guest to be known by the number")
        shown = self.owner.get(page).text
        saw = re.search(r'name="saw" value="([^"]+)"', shown)
        assert saw, "the guest is not known"
        assert self.form(page, notes=f"{KNOWN} {self.evenings}", vip="on", saw=saw[1]).status_code == 200
        assert "VIP" in self.owner.get(f"/queue/{code}/host").text
        assert self.form("/venue/guests", words=NAME).status_code == 200
        assert NAME in self.form(f"/queue/{code}/host/data/1/file").text
        self.owner.get("/admin/queues/party/", params={"q": NAME})

    def _mistakes(self, line: str, code: str) -> None:
        """What fails, fails without a word of it."""
        self.till.post(f"{line}/join", content=f'{{"name": "{NAME}'.encode())
        self.till.post(f"{line}/leave", json={"partyId": NAME})
        self.till.get(f"/queue/{code}/{NAME}", params={"name": NAME, "number": NUMBER})

    def _by_the_page(self, code: str) -> None:
        """A guest joins on our page, and looks at what is kept."""
        page = f"/queue/{code}"
        with httpx.Client(base_url=self.stack.url(), headers={"x-forwarded-for": ADDRESS}, timeout=30) as browser:
            browser.get(page)
            joined = self.form(page, browser, key=str(uuid4()), name=f"{NAME} IV", size="2", note=NOTE)
            assert joined.status_code in (200, 303), joined.text
            assert NAME in browser.get(f"{page}/data").text
            if self.evenings == 1:
                self._after_the_visit(code, browser)

    def _after_the_visit(self, code: str, browser: httpx.Client) -> None:
        """The guest of the newest ticket is seated, asked how it was, and answers."""
        newest = self.till.get(f"/api/queue/{code}/parties").json()["parties"][-1]
        self.post(f"/api/queue/{code}/serve", {"partyId": newest["id"]})
        self.clock.forward(minutes=6)
        asked = "SELECT count(*) AS n FROM queues_party WHERE asked_at IS NOT NULL"
        was_asked = self.clock.goes_on(lambda: self.stack.sql(asked)[0]["n"] > 0)
        wait_until(was_asked, timeout_s=30, what="the guest to be asked")
        answered = self.form(f"/queue/{code}/visit", browser, answer="4", words=f"{WORDS} of {NAME}")
        assert answered.status_code in (200, 303), answered.text

    def _erased(self, line: str) -> None:
        """One guest is erased at once, by the till; a second time does nothing."""
        party = self.post(f"{line}/join", {"name": f"{NAME} VI", "size": 2}, key=f"{self.evenings}-erased")["partyId"]
        self.post(f"{line}/edit", {"partyId": party, "note": NOTE})
        for _ in range(2):
            assert self.post(f"{line}/erase-party", {"partyId": party, "reason": "asked"}) == {"ok": True, "others": []}
        assert NAME not in str(self.post(f"{line}/export-party", {"partyId": party}))

    # --------------------------------------------------------------------------------------------------------- reports
    def reports(self, first: date, last: date) -> dict[str, str]:
        """Every report there is of these days: the API's, the owner's pages, files; and one line's."""
        days = {"first": str(first), "last": str(last)}
        found = {}
        for kind in ("json", "csv"):
            found[f"API, {kind}"] = self.till.get("/api/reports", params={**days, "format": kind})
        code = self.codes[-1]
        for path in ("/venue/reports", "/venue/reports.csv", f"/queue/{code}/report", f"/queue/{code}/report.csv"):
            found[path] = self.owner.get(path, params=days)
        assert {each.status_code for each in found.values()} == {200}, found
        return {name: " ".join(_CHANGES_EACH_TIME.sub("", each.text).split()) for name, each in found.items()}
