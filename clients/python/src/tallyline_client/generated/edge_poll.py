"""Made by `make client` from the OpenAPI document; do not edit. Operations of edge-poll."""

from ..connection import Connection, new_key, part
from .models import CreatedEdgePoll, EdgePoll, EdgePollResults, OldPollBody, OldVoteBody


class EdgePollOperations:
    """Operations of edge-poll."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create_edge_poll(self, body: OldPollBody, *, idempotency_key: str | None = None) -> CreatedEdgePoll:
        """Makes an open poll that belongs to the venue of the api-key. An API key needs the scope `polls`."""
        answer: CreatedEdgePoll = self._connection.ask("POST", "/poll", body=body, key=idempotency_key or new_key())
        return answer

    def delete_edge_poll(self, poll_id: str) -> str:
        """Deletes a poll with all that belongs to it; 403 with another owner's key. An API key needs the scope
        `polls`.
        """
        answer: str = self._connection.ask("DELETE", f"/poll/{part(poll_id)}")
        return answer

    def get_edge_poll(self, poll_id: str, *, cache: str | None = None) -> EdgePoll:
        """The configuration, with the counts."""
        answer: EdgePoll = self._connection.ask("GET", f"/poll/{part(poll_id)}", query={"cache": cache}, known=True)
        return answer

    def vote_in_edge_poll(self, poll_id: str, body: OldVoteBody) -> str:
        """A vote: `ok`, also for a second one of the same address, which is not counted."""
        answer: str = self._connection.ask("POST", f"/poll/{part(poll_id)}", body=body)
        return answer

    def put_vote_in_edge_poll(self, poll_id: str, body: OldVoteBody) -> str:
        """The same as POST."""
        answer: str = self._connection.ask("PUT", f"/poll/{part(poll_id)}", body=body)
        return answer

    def get_edge_poll_results(self, poll_id: str, *, cache: str | None = None) -> EdgePollResults:
        """The counts, also by shard."""
        answer: EdgePollResults = self._connection.ask(
            "GET", f"/poll/{part(poll_id)}/results", query={"cache": cache}, known=True
        )
        return answer
