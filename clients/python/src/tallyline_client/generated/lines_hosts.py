"""Made by `make client` from the OpenAPI document; do not edit. Operations of lines with a proof."""

from collections.abc import Iterator

from ..connection import Connection, new_key, part
from .models import (
    ActionOutcomes,
    ActionsBody,
    ActionUndone,
    AdvanceBody,
    CallBody,
    Console,
    Done,
    EditBody,
    ErasedParty,
    ErasePartyBody,
    HostWalkInBody,
    JoinedParty,
    KeptOfParty,
    ListedLine,
    ListedLines,
    ListedParties,
    ListedParty,
    MessageBody,
    MessagePartyBody,
    MoreTimeBody,
    MoveBehindBody,
    NowServing,
    PartyBody,
    PauseBody,
    RenewedLineToken,
    ReorderBody,
    SeatBody,
    SettingsBody,
    Tables,
    TablesBody,
    UndoBody,
    WaitBody,
)


class LinesOfHosts:
    """Operations of lines with a proof."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_lines(
        self, *, cursor: str | None = None, limit: int | None = None, open: bool | None = None
    ) -> ListedLines:
        """The venue's lines, the newest first, open or closed. An API key needs the scope `read`."""
        answer: ListedLines = self._connection.ask(
            "GET", "/api/lines", query={"cursor": cursor, "limit": limit, "open": open}
        )
        return answer

    def all_lines(self, *, limit: int | None = None, open: bool | None = None) -> Iterator[ListedLine]:
        """Every item of `list_lines`, page after page, each page when it is needed."""
        page = self.list_lines(limit=limit, open=open)
        yield from page["lines"]
        while (cursor := page["next"]) is not None:
            page = self.list_lines(limit=limit, open=open, cursor=cursor)
            yield from page["lines"]

    def send_actions(self, code: str, body: ActionsBody) -> ActionOutcomes:
        """Does what a host's device has kept while it had no network, in order; answers with an outcome for each.
        Each action is its own command and happens once, however often its id is sent. An API key needs the scope
        `line`.
        """
        answer: ActionOutcomes = self._connection.ask("POST", f"/api/queue/{part(code)}/actions", body=body)
        return answer

    def advance_line(self, code: str, body: AdvanceBody | None = None) -> NowServing:
        """Seats the party now being served, if it is named, and calls the next. An API key needs the scope `line`."""
        answer: NowServing = self._connection.ask("POST", f"/api/queue/{part(code)}/advance", body=body or {})
        return answer

    def call_party(self, code: str, body: CallBody | None = None) -> NowServing:
        """Calls the named party, or the head of the line, beside those already called. An API key needs the scope
        `line`.
        """
        answer: NowServing = self._connection.ask("POST", f"/api/queue/{part(code)}/call", body=body or {})
        return answer

    def change_table(self, code: str, body: TablesBody) -> Done:
        """Seats a party, that was seated before, at these tables: it moves, comes back to a table that was freed
        too early, or was seated at none. An API key needs the scope `line`.
        """
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/change-table", body=body)
        return answer

    def clear_wait(self, code: str) -> Done:
        """New guests are told our estimate again. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/clear-wait")
        return answer

    def close_line(self, code: str) -> Done:
        """Closes the line, which ends all its parties' places. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/close")
        return answer

    def get_console(self, code: str) -> Console:
        """All that our own host console shows."""
        answer: Console = self._connection.ask("GET", f"/api/queue/{part(code)}/console", known=True)
        return answer

    def edit_party(self, code: str, body: EditBody) -> Done:
        """Edits a party in line; None leaves a field as it is. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/edit", body=body)
        return answer

    def erase_party(self, code: str, body: ErasePartyBody) -> ErasedParty:
        """Erases what is personal of a party's guest now, for a reason. A party in line leaves it. It cannot be
        undone; a second time does nothing. An API key needs the scope `line`.
        """
        answer: ErasedParty = self._connection.ask("POST", f"/api/queue/{part(code)}/erase-party", body=body)
        return answer

    def export_party(self, code: str, body: PartyBody) -> KeptOfParty:
        """All that is kept of a party's guest, to be given to the guest. Changes nothing. The id stands in the
        body, for an address is logged. An API key needs the scope `line`.
        """
        answer: KeptOfParty = self._connection.ask("POST", f"/api/queue/{part(code)}/export-party", body=body)
        return answer

    def free_table(self, code: str, body: PartyBody) -> Done:
        """Gives the party's tables back, also after its line was closed. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/free-table", body=body)
        return answer

    def remove_party(self, code: str, body: PartyBody) -> Done:
        """Removes a party from the line. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/kick", body=body)
        return answer

    def send_message(self, code: str, body: MessageBody) -> Done:
        """Shows a message to all guests in line, or clears it. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/message", body=body)
        return answer

    def message_party(self, code: str, body: MessagePartyBody, *, idempotency_key: str | None = None) -> Done:
        """Shows a message to one guest in line and pushes it to their phone, or clears it. An API key needs the
        scope `line`.
        """
        answer: Done = self._connection.ask(
            "POST", f"/api/queue/{part(code)}/message-party", body=body, key=idempotency_key or new_key()
        )
        return answer

    def give_more_time(self, code: str, body: MoreTimeBody) -> Done:
        """Extends a called party's deadline, asked for or not: by `minutes`, by `seconds`, or by the line's call
        window. An API key needs the scope `line`.
        """
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/more-time", body=body)
        return answer

    def move_party_behind(self, code: str, body: MoveBehindBody) -> Done:
        """Moves a waiting party just behind another one. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/move-behind", body=body)
        return answer

    def mark_no_show(self, code: str, body: PartyBody) -> Done:
        """Marks a called party as a no-show before its deadline. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/no-show", body=body)
        return answer

    def list_parties(self, code: str, *, cursor: str | None = None, limit: int | None = None) -> ListedParties:
        """The line's parties by their tickets, in line or out of it. An API key needs the scope `read` or `line`."""
        answer: ListedParties = self._connection.ask(
            "GET", f"/api/queue/{part(code)}/parties", query={"cursor": cursor, "limit": limit}
        )
        return answer

    def all_parties(self, code: str, *, limit: int | None = None) -> Iterator[ListedParty]:
        """Every item of `list_parties`, page after page, each page when it is needed."""
        page = self.list_parties(code, limit=limit)
        yield from page["parties"]
        while (cursor := page["next"]) is not None:
            page = self.list_parties(code, limit=limit, cursor=cursor)
            yield from page["parties"]

    def pause_line(self, code: str, body: PauseBody | None = None) -> Done:
        """Lets no guests join until `resume`; the line goes on. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/pause", body=body or {})
        return answer

    def put_party_back(self, code: str, body: PartyBody) -> Done:
        """Gives a party that was called, or whose place ended, the first place in the line. An API key needs the
        scope `line`.
        """
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/put-back", body=body)
        return answer

    def renew_line_token(self, code: str) -> RenewedLineToken:
        """Gives a new host token; all that were given before have ended. An API key needs the scope `line`."""
        answer: RenewedLineToken = self._connection.ask("POST", f"/api/queue/{part(code)}/renew-token")
        return answer

    def move_party(self, code: str, body: ReorderBody) -> Done:
        """Moves a waiting party to `position` among those waiting, 1 being the head; past the end means the end. An
        API key needs the scope `line`.
        """
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/reorder", body=body)
        return answer

    def resume_line(self, code: str) -> Done:
        """Lets guests join again. An API key needs the scope `line`."""
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/resume")
        return answer

    def seat_party(self, code: str, body: SeatBody) -> Done:
        """Seats a called party, or one that waits; at these tables of the venue, joined where they are several. An
        API key needs the scope `line`.
        """
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/serve", body=body)
        return answer

    def edit_line(self, code: str, body: SettingsBody | None = None) -> Done:
        """Sets some of event_name, location, open_time, close_time (of day, in the line's zone; only shown where it
        has none; None: no such hour), call_window_s, max_guests, auto_advance, auto_no_show, on_my_way_s (0: no
        more time) and here_only. An API key needs the scope `line`.
        """
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/settings", body=body or {})
        return answer

    def list_tables(self, code: str) -> Tables:
        """The tables that this line seats at: who sits there, and for free ones which parties of this line suit
        them, the best first. Empty where the venue has none. An API key needs the scope `read` or `line`.
        """
        answer: Tables = self._connection.ask("GET", f"/api/queue/{part(code)}/tables")
        return answer

    def undo_action(self, code: str, body: UndoBody | None = None) -> ActionUndone:
        """Takes the last host action back. An API key needs the scope `line`."""
        answer: ActionUndone = self._connection.ask("POST", f"/api/queue/{part(code)}/undo", body=body or {})
        return answer

    def set_wait(self, code: str, body: WaitBody) -> Done:
        """Tells guests who join within the next `minutes` this wait, from `low_ms` to `high_ms`. An API key needs
        the scope `line`.
        """
        answer: Done = self._connection.ask("POST", f"/api/queue/{part(code)}/wait", body=body)
        return answer

    def add_walk_in(
        self, code: str, body: HostWalkInBody | None = None, *, idempotency_key: str | None = None
    ) -> JoinedParty:
        """Puts a party without a phone in line; into a full one only with `overCapacity`. An API key needs the
        scope `line`.
        """
        answer: JoinedParty = self._connection.ask(
            "POST", f"/api/queue/{part(code)}/walk-in", body=body or {}, key=idempotency_key or new_key()
        )
        return answer
