"""Made by `make client` from the OpenAPI document; do not edit. Operations of polls."""

from collections.abc import Iterator
from typing import Literal

from ..connection import Connection, new_key, part
from .models import (
    BallotBody,
    BallotCount,
    BallotCounted,
    CodesBody,
    CreatedPoll,
    Done,
    ExportedResults,
    ListedPoll,
    ListedPolls,
    NewCodes,
    NewPollBody,
    PollBody,
    PollChanged,
    PollQuestion,
    PollResults,
    ReceiptFound,
    RenewedToken,
    ResetBody,
)


class PollsOperations:
    """Operations of polls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_polls(
        self, *, cursor: str | None = None, limit: int | None = None, open: bool | None = None
    ) -> ListedPolls:
        """The venue's polls, the newest first; drafts and closed ones, too. An API key needs the scope `read` or
        `polls`.
        """
        answer: ListedPolls = self._connection.ask(
            "GET", "/api/polls/", query={"cursor": cursor, "limit": limit, "open": open}
        )
        return answer

    def all_polls(self, *, limit: int | None = None, open: bool | None = None) -> Iterator[ListedPoll]:
        """Every item of `list_polls`, page after page, each page when it is needed."""
        page = self.list_polls(limit=limit, open=open)
        yield from page["polls"]
        while (cursor := page["next"]) is not None:
            page = self.list_polls(limit=limit, open=open, cursor=cursor)
            yield from page["polls"]

    def edit_poll(self, poll: str, body: PollBody) -> PollQuestion:
        """Rewrites a draft. An API key needs the scope `polls`."""
        answer: PollQuestion = self._connection.ask("PUT", f"/api/polls/{part(poll)}", body=body)
        return answer

    def delete_poll(self, poll: str) -> Done:
        """Deletes a poll with all that belongs to it. An API key needs the scope `polls`."""
        answer: Done = self._connection.ask("DELETE", f"/api/polls/{part(poll)}")
        return answer

    def count_ballots(self, poll: str) -> BallotCount:
        """How many ballots are in. An API key needs the scope `read` or `polls`."""
        answer: BallotCount = self._connection.ask("GET", f"/api/polls/{part(poll)}/ballots")
        return answer

    def close_poll(self, poll: str) -> PollChanged:
        """Ends the vote and publishes the digest of all ballots. An API key needs the scope `polls`."""
        answer: PollChanged = self._connection.ask("POST", f"/api/polls/{part(poll)}/close")
        return answer

    def add_codes(self, poll: str, body: CodesBody, *, idempotency_key: str | None = None) -> NewCodes:
        """Makes one-time codes, which are shown only now. An API key needs the scope `polls`."""
        answer: NewCodes = self._connection.ask(
            "POST", f"/api/polls/{part(poll)}/codes", body=body, key=idempotency_key or new_key()
        )
        return answer

    def open_poll(self, poll: str) -> PollChanged:
        """Lets ballots in. An API key needs the scope `polls`."""
        answer: PollChanged = self._connection.ask("POST", f"/api/polls/{part(poll)}/open")
        return answer

    def renew_poll_token(self, poll: str) -> RenewedToken:
        """Gives a new host token; all that were given before have ended. An API key needs the scope `polls`."""
        answer: RenewedToken = self._connection.ask("POST", f"/api/polls/{part(poll)}/renew-token")
        return answer

    def reset_poll(self, poll: str, body: ResetBody | None = None) -> PollChanged:
        """Deletes all ballots and starts a new round. 409, with nothing deleted, when the poll's end is past and no
        `end` is given. An API key needs the scope `polls`.
        """
        answer: PollChanged = self._connection.ask("POST", f"/api/polls/{part(poll)}/reset", body=body or {})
        return answer

    def create_poll(self, body: NewPollBody, *, idempotency_key: str | None = None) -> CreatedPoll:
        """Makes a poll. Answers with its id, code, links, host token and the host cookie. An API key needs the
        scope `polls`.
        """
        answer: CreatedPoll = self._connection.ask("POST", "/api/polls/", body=body, key=idempotency_key or new_key())
        return answer

    def get_poll(self, poll: str) -> PollQuestion:
        """The question, without counts."""
        answer: PollQuestion = self._connection.ask("GET", f"/api/polls/{part(poll)}")
        return answer

    def cast_ballot(self, poll: str, body: BallotBody) -> BallotCounted:
        """The vote itself: 201 with the receipt, once it is committed; the same ballot again gives the same
        receipt.
        """
        answer: BallotCounted = self._connection.ask("POST", f"/api/polls/{part(poll)}/ballots", body=body, again=True)
        return answer

    def export_results(
        self, poll: str, *, format_: Literal["csv", "image", "json"], as_: Literal["public", "voter"] | None = None
    ) -> ExportedResults | str | bytes:
        """The results as a file: JSON, CSV or PNG; counts that this viewer may not see are in none of them. An API
        key needs the scope `read` or `polls`.
        """
        answer: ExportedResults | str | bytes = self._connection.ask(
            "GET", f"/api/polls/{part(poll)}/export", query={"as": as_, "format": format_}
        )
        return answer

    def get_receipt(self, poll: str, ballot_id: str) -> ReceiptFound:
        """Looks a ballot up by the id that only its voter knows. Answers with the receipt and, once the poll is
        closed, the proof of inclusion; 404 when the ballot is not in the count.
        """
        answer: ReceiptFound = self._connection.ask("GET", f"/api/polls/{part(poll)}/receipt/{part(ballot_id)}")
        return answer

    def get_results(
        self, poll: str, *, as_: Literal["public", "voter"] | None = None, cache: str | None = None
    ) -> PollResults:
        """How the poll stands; counts that this viewer may not see are null. An API key needs the scope `read` or
        `polls`.
        """
        answer: PollResults = self._connection.ask(
            "GET", f"/api/polls/{part(poll)}/results", query={"as": as_, "cache": cache}, known=True
        )
        return answer
