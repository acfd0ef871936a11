"""What a developer writes with the client that openapi-python-client makes of our schema: no casts, no ignores.

Usage: python journey.py http://127.0.0.1:8000 API_KEY. tests/clients/test_generated.py generates the client, checks the types of
this file, and runs it.
"""

import sys
from datetime import datetime, timedelta
from uuid import uuid4

from tallyline_client import AuthenticatedClient, Client
from tallyline_client.api.edge_poll import create_edge_poll, get_edge_poll_results, vote_in_edge_poll
from tallyline_client.api.lines import advance_line, create_line, get_snapshot, join_line, seat_party
from tallyline_client.api.polls import cast_ballot, close_poll, create_poll, export_results, get_receipt, get_results
from tallyline_client.api.rooms import add_participant, close_room, create_room, get_room_history
from tallyline_client.api.voting_sessions import (
    close_session,
    create_session,
    export_session,
    get_session,
    vote_in_session,
)
from tallyline_client.models import (
    BallotBody,
    BallotCounted,
    CallOfParty,
    ChoiceBody,
    CreateBody,
    CreatedEdgePoll,
    CreatedLine,
    CreatedPoll,
    CreatedRoom,
    CreatedSession,
    EdgePollResults,
    ExportedResults,
    ExportedSession,
    ExportResultsFormat,
    ExportSessionFormat,
    HostSnapshot,
    JoinBody,
    JoinedParty,
    NewParticipant,
    NewPollBody,
    NowServing,
    OldPollBody,
    OldVoteBody,
    ParticipantBody,
    PollResults,
    PositionOfParty,
    Problem,
    PublicSnapshot,
    ReceiptFound,
    RoomBody,
    RoomHistory,
    SeatBody,
    SessionBody,
    SessionBodyVoteType,
    SessionClosed,
    SessionQuestion,
    SessionVoteBody,
    SessionVoteCounted,
)

URL, KEY = sys.argv[1:3]
stranger = Client(base_url=URL)


def host(token: str) -> AuthenticatedClient:
    """A client that proves the host."""
    return AuthenticatedClient(base_url=URL, token=token, prefix="", auth_header_name="x-host-auth")


# ------------------------------------------------------------------------------------------------------------- a line
line = create_line.sync(client=stranger, body=CreateBody(event_name="Friday", max_guests=20))
assert isinstance(line, CreatedLine), line
key = str(uuid4())
ana = join_line.sync(line.code, client=stranger, body=JoinBody(name="Ana", size=2), idempotency_key=key)
assert isinstance(ana, JoinedParty), ana
again = join_line.sync(line.code, client=stranger, body=JoinBody(name="Ana", size=2), idempotency_key=key)
assert isinstance(again, JoinedParty) and again.party_id == ana.party_id
twice = join_line.sync(line.code, client=stranger, body=JoinBody(name="Ana"))
assert isinstance(twice, Problem) and "already in this queue" in twice.error
assert isinstance(join_line.sync(line.code, client=stranger, body=JoinBody(name="Ben")), JoinedParty)
place = get_snapshot.sync(line.code, client=stranger, party_id=ana.party_id)
assert isinstance(place, PositionOfParty) and place.position == 1, place
public = get_snapshot.sync(line.code, client=stranger)
assert isinstance(public, PublicSnapshot) and len(public.queue) == 2, public
called = advance_line.sync(line.code, client=host(line.host_auth_token))
assert isinstance(called, NowServing) and called.now_serving is not None and called.now_serving.name == "Ana", called
call = get_snapshot.sync(line.code, client=stranger, party_id=ana.party_id)
assert isinstance(call, CallOfParty), call
seat_party.sync(line.code, client=host(line.host_auth_token), body=SeatBody(party_id=str(ana.party_id)))
seen = get_snapshot.sync(line.code, client=stranger, x_host_auth=line.host_auth_token)
assert isinstance(seen, HostSnapshot) and [party.name for party in seen.queue] == ["Ben"], seen

# ------------------------------------------------------------------------------------------------------------- a poll
poll = create_poll.sync(client=stranger, body=NewPollBody(title="Wine?", choices=["Red", "White"], open_=True))
assert isinstance(poll, CreatedPoll), poll
ballot = uuid4()
voted = cast_ballot.sync(str(poll.id), client=stranger, body=BallotBody(ballot_id=ballot, choices=[1]))
assert isinstance(voted, BallotCounted) and voted.receipt.ballot_id == ballot, voted
results = get_results.sync(str(poll.id), client=stranger, cache="false")
assert isinstance(results, PollResults) and [choice.count for choice in results.choices] == [0, 1], results
assert close_poll.sync_detailed(str(poll.id), client=host(poll.host_token)).status_code == 200
receipt = get_receipt.sync(str(poll.id), ballot, client=stranger)
assert isinstance(receipt, ReceiptFound) and receipt.proof is not None, receipt
exported = export_results.sync(str(poll.id), client=stranger, format_=ExportResultsFormat.JSON)
assert isinstance(exported, ExportedResults) and exported.ballots == 1, exported

# ---------------------------------------------------------------------------------------------------------- a session
choices = [ChoiceBody(text="Yes"), ChoiceBody(text="No")]
new = SessionBody(question="Tea?", vote_type=SessionBodyVoteType.SINGLE, choices=choices)
session = create_session.sync(client=stranger, body=new)
assert isinstance(session, CreatedSession), session
counted = vote_in_session.sync(str(session.session_id), client=stranger, body=SessionVoteBody(choice_ids=["2"]))
assert isinstance(counted, SessionVoteCounted), counted
question = get_session.sync(str(session.session_id), client=stranger)
assert isinstance(question, SessionQuestion) and question.choices[1].vote_count == 1, question
table = export_session.sync(str(session.session_id), client=stranger, format_=ExportSessionFormat.JSON)
assert isinstance(table, ExportedSession) and table.total_votes == 1 and table.choices[1].percentage == 100.0, table
assert isinstance(close_session.sync(str(session.session_id), client=host(session.host_token)), SessionClosed)

# ------------------------------------------------------------------------------------------------------------- a room
room = create_room.sync(client=stranger, body=RoomBody(title="Live?"))
assert isinstance(room, CreatedRoom), room
voter = add_participant.sync(str(room.room), client=stranger, body=ParticipantBody(name="Ana"))
assert isinstance(voter, NewParticipant) and voter.token, voter
assert isinstance(get_room_history.sync(str(room.room), client=stranger), RoomHistory)
assert close_room.sync_detailed(str(room.room), client=host(room.host_token)).status_code == 200

# ---------------------------------------------------------------------------------------------------------- edge-poll
now = int(datetime.now().timestamp() * 1000)  # noqa: DTZ005
day = int(timedelta(days=1).total_seconds() * 1000)
till = AuthenticatedClient(base_url=URL, token=KEY, prefix="", auth_header_name="api-key")
old = OldPollBody(title="Tea?", description="", start=now - day, end=now + day, shards=2, choices=["Yes", "No"])
edge = create_edge_poll.sync(client=till, body=old)
assert isinstance(edge, CreatedEdgePoll), edge
assert vote_in_edge_poll.sync(str(edge.id), client=stranger, body=OldVoteBody(id="1")) == "ok"
counts = get_edge_poll_results.sync(str(edge.id), client=stranger, cache="false")
assert isinstance(counts, EdgePollResults) and counts.choices["1"].count == 1, counts
print("done")
