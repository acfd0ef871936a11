"""Made by `make client` from the OpenAPI document; do not edit. Operations of lines without a proof."""

from ..connection import Connection, new_key, part
from .models import (
    ChangePartyBody,
    ChooseWaysBody,
    ContactOfParty,
    CreateBody,
    CreatedLine,
    Done,
    JoinBody,
    JoinedParty,
    LetPassBody,
    PartiesPassed,
    PartyBody,
    ProveNumberBody,
    Snapshot,
    TellAheadBody,
)


class LinesOfGuests:
    """Operations of lines without a proof."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create_line(self, body: CreateBody, *, idempotency_key: str | None = None) -> CreatedLine:
        """Opens a line. Answers with the line, its host token and the host cookie. An API key needs the scope
        `line`.
        """
        answer: CreatedLine = self._connection.ask(
            "POST", "/api/queue/create", body=body, key=idempotency_key or new_key()
        )
        return answer

    def ask_more_time(self, code: str, body: PartyBody) -> Done:
        """Records that a called guest asks for more time; the deadline stays until a host gives it."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/ask-more-time", body=body)
        return answer

    def change_party(self, code: str, body: ChangePartyBody) -> Done:
        """Changes a waiting party's size and note; None leaves a field as it is."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/change-party", body=body)
        return answer

    def choose_ways(self, code: str, body: ChooseWaysBody) -> ContactOfParty:
        """A guest sets where and by which ways they are told; what is not sent stays. Where the venue wants numbers
        to be proven, a new one gets a code (prove-number).
        """
        answer: ContactOfParty = self._connection.ask("POST", f"/api/queue/{part(code)}/choose-ways", body=body)
        return answer

    def read_contact(self, code: str, body: PartyBody) -> ContactOfParty:
        """Where and by which ways a party in line is told."""
        answer: ContactOfParty = self._connection.ask("POST", f"/api/queue/{part(code)}/contact", body=body)
        return answer

    def declare_nearby(self, code: str, body: PartyBody) -> Done:
        """Marks the party as nearby; of a called one also that it is on its way, which gives it the line's
        `on_my_way_s` more, once in a call.
        """
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/declare-nearby", body=body)
        return answer

    def join_line(self, code: str, body: JoinBody | None = None, *, idempotency_key: str | None = None) -> JoinedParty:
        """A guest joins. 200 with the place, once it is committed (contract queueup.md)."""
        answer: JoinedParty = self._connection.ask(
            "POST", f"/api/queue/{part(code)}/join", body=body or {}, key=idempotency_key or new_key()
        )
        return answer

    def leave_line(self, code: str, body: PartyBody) -> Done:
        """Ends the party's place."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/leave", body=body)
        return answer

    def let_parties_pass(self, code: str, body: LetPassBody, *, idempotency_key: str | None = None) -> PartiesPassed:
        """A guest lets the next parties go first and keeps its place among the rest; the id is the proof. Answers
        with how many went first; 409 when no party is behind.
        """
        answer: PartiesPassed = self._connection.ask(
            "POST", f"/api/queue/{part(code)}/let-pass", body=body, key=idempotency_key or new_key()
        )
        return answer

    def prove_number(self, code: str, body: ProveNumberBody) -> ContactOfParty:
        """Proves the party's number by the code that was sent there; the same again changes nothing."""
        answer: ContactOfParty = self._connection.ask("POST", f"/api/queue/{part(code)}/prove-number", body=body)
        return answer

    def send_code(self, code: str, body: PartyBody, *, idempotency_key: str | None = None) -> ContactOfParty:
        """Sends the code that proves the party's number once more, or another one when the last is over."""
        answer: ContactOfParty = self._connection.ask(
            "POST", f"/api/queue/{part(code)}/send-code", body=body, key=idempotency_key or new_key()
        )
        return answer

    def get_snapshot(self, code: str, *, party_id: str | None = None, since: int | None = None) -> Snapshot:
        """The line as its host, one guest (partyId) or, with neither proof, the public may see it."""
        answer: Snapshot = self._connection.ask(
            "GET", f"/api/queue/{part(code)}/snapshot", query={"partyId": party_id, "since": since}, known=True
        )
        return answer

    def tell_ahead(self, code: str, body: TellAheadBody) -> Done:
        """Has a waiting guest told, once, when no more than so many parties wait before it; 0: not any more."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/tell-ahead", body=body)
        return answer
