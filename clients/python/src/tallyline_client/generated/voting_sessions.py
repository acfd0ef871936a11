"""Made by `make client` from the OpenAPI document; do not edit. Operations of voting sessions."""

from typing import Literal

from ..connection import Connection, new_key, part
from .models import (
    CreatedSession,
    ExportedSession,
    SessionBody,
    SessionClosed,
    SessionQuestion,
    SessionVoteBody,
    SessionVoteCounted,
)


class VotingSessionsOperations:
    """Operations of voting sessions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create_session(self, body: SessionBody, *, idempotency_key: str | None = None) -> CreatedSession:
        """Opens a session. Answers with the session, the creator's token and its cookie."""
        answer: CreatedSession = self._connection.ask("POST", "/api/vote", body=body, key=idempotency_key or new_key())
        return answer

    def get_session(self, session_id: str) -> SessionQuestion:
        """The question, and whether this browser may still vote. A view that answers in the requested language: old
        clients look for words in it.
        """
        answer: SessionQuestion = self._connection.ask("GET", f"/api/vote/{part(session_id)}")
        return answer

    def vote_in_session(
        self, session_id: str, body: SessionVoteBody, *, idempotency_key: str | None = None
    ) -> SessionVoteCounted:
        """The vote: `{message, votedAt}` with the voter's cookie; the same `ballotId` again gives the same receipt."""
        answer: SessionVoteCounted = self._connection.ask(
            "POST", f"/api/vote/{part(session_id)}", body=body, key=idempotency_key or new_key()
        )
        return answer

    def export_session(
        self, session_id: str, *, format_: Literal["csv", "image", "json"]
    ) -> ExportedSession | str | bytes:
        """The session's results as a file: `format` json, csv or image. Hidden counts are hidden here too."""
        answer: ExportedSession | str | bytes = self._connection.ask(
            "GET", f"/api/vote/{part(session_id)}/export", query={"format": format_}
        )
        return answer

    def close_session(self, session_id: str) -> SessionClosed:
        """Closes a session, for its creator or staff. A view that answers in the requested language: old clients
        look for words in it. An API key needs the scope `polls`.
        """
        answer: SessionClosed = self._connection.ask("POST", f"/api/vote/{part(session_id)}/close")
        return answer
