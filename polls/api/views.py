"""The views of the project's own poll API."""

from uuid import UUID

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, rate_limits
from core.actors import Actor
from core.clock import milliseconds
from core.errors import existing
from core.json_types import View
from core.scopes import Scope
from polls import commands, receipts, selectors, shapes
from polls.api import answers, bodies
from polls.models import Poll
from polls.permissions import host_cookie, host_of
from polls.refusals import NO_SUCH_POLL
from queues.permissions import host_of as host_of_line
from queues.permissions import line_or_404
from queues.selectors import line_by_code
from venues import authentication
from venues.host_endpoints import HostEndpoints
from venues.proofs import Subject
from web.api import once, read
from web.endpoints import Answer, endpoint
from web.openapi import KEY_HEADER, MAY_BE_HOST, MAY_HAVE_KEY
from web.serializers import OK


def poll_or_404(wanted: str) -> Poll:
    """The poll with this id, or this code in any case. Raises NotFound."""
    poll = selectors.poll_by_code(wanted) if len(wanted) == 6 else selectors.poll_by_id(wanted)
    return existing(poll, NO_SUCH_POLL)


def created_view(request: HttpRequest, poll: Poll, token: str) -> View:
    """A poll just made, with the links to it and its creator's host token."""
    return {
        "id": str(poll.pk),
        "code": poll.code,
        "status": poll.phase_at(clock.now()),
        "hostToken": token,
        "voteUrl": request.build_absolute_uri(f"/vote/{poll.code}"),
        "resultsUrl": request.build_absolute_uri(f"/api/polls/{poll.pk}/results"),
    }


def row_of(poll: Poll) -> shapes.Row:
    """The poll and its exact counts from Postgres. Raises NotFound when it was deleted a moment ago."""
    return existing(selectors.current_row(poll.pk), NO_SUCH_POLL)


def configuration_view(poll: Poll) -> View:
    """The question from Postgres, without counts."""
    return shapes.configuration(row_of(poll), now_ms=milliseconds(clock.now()))


for_hosts = HostEndpoints(poll_or_404, host_of, scope=Scope.POLLS)


@endpoint(
    "post",
    "create_poll",
    body=bodies.NewPollBody,
    answers={201: answers.CreatedPoll},
    refuses=(401, 404, 409),
    parameters=[KEY_HEADER, MAY_HAVE_KEY, MAY_BE_HOST],
    scopes=[Scope.POLLS],
)
def create(request: Request) -> Answer:
    """Makes a poll.

    Answers with its id, code, links, host token and the host cookie.
    """
    rate_limits.check(request, rate_limits.CREATE, "poll")
    body = read(bodies.NewPollBody, request)
    key = once(request, body)
    venue, api_key, actor = authentication.owner_of_new(request, body.venue)
    queue = None
    if body.line:
        line = line_or_404(body.line)
        actor = host_of_line(request, line)
        queue = line_by_code(line.code)
    poll = commands.create(
        commands.NewPoll.of(body.values()),
        actor=actor,
        venue=venue or (queue.venue if queue else None),
        api_key=api_key,
        queue=queue,
        open_now=body.open,
        **key,
    )
    proved = Subject.of(queue) if queue else None
    token = authentication.given_token(request, Subject.of(poll), actor=actor, key=api_key, proved=proved)
    response = Response(created_view(request._request, poll, token), status=201)
    authentication.set_proof(request._request, response, host_cookie(poll.code), token)
    return response


@endpoint("get", "get_poll", answers=answers.PollQuestion, refuses=(404,))
def get(request: Request, poll: str) -> Answer:
    """The question, without counts."""
    return configuration_view(poll_or_404(poll))


@for_hosts("put", "edit_poll", body=bodies.PollBody, answers=answers.PollQuestion)
def edit(request: Request, poll: Poll, actor: Actor) -> Answer:
    """Rewrites a draft."""
    commands.edit(poll.pk, commands.NewPoll.of(read(bodies.PollBody, request).values()), actor=actor)
    return configuration_view(poll)


@for_hosts("delete", "delete_poll", refuses=(404,))
def delete(request: Request, poll: Poll, actor: Actor) -> Answer:
    """Deletes a poll with all that belongs to it."""
    commands.delete(poll.pk, actor=actor)
    return OK


def changed_view(poll: Poll) -> View:
    """What a command made of a poll; `status` is its phase."""
    return {
        **OK,
        "status": poll.phase_at(clock.now()),
        "epoch": poll.epoch,
        "closedAt": milliseconds(poll.closed_at),
    }


@for_hosts("post", "open_poll", answers=answers.PollChanged)
def open_poll(request: Request, poll: Poll, actor: Actor) -> Answer:
    """Lets ballots in."""
    return changed_view(commands.open_poll(poll.pk, actor=actor))


@for_hosts("post", "close_poll", answers=answers.PollChanged)
def close(request: Request, poll: Poll, actor: Actor) -> Answer:
    """Ends the vote and publishes the digest of all ballots."""
    return changed_view(commands.close(poll.pk, actor=actor))


@for_hosts("post", "reset_poll", body=bodies.ResetBody, answers=answers.PollChanged)
def reset(request: Request, poll: Poll, actor: Actor) -> Answer:
    """Deletes all ballots and starts a new round.

    409, with nothing deleted, when the poll's end is past and no `end` is given.
    """
    # Old clients send nothing, or an empty form.
    form = request.content_type.startswith("multipart/")
    ends_at = commands.KEEP if form else read(bodies.ResetBody, request).values().get("end", commands.KEEP)
    return changed_view(commands.reset(poll.pk, ends_at=ends_at, actor=actor))


@for_hosts("post", "add_codes", body=bodies.CodesBody, answers=answers.NewCodes, parameters=[KEY_HEADER])
def add_codes(request: Request, poll: Poll, actor: Actor) -> Answer:
    """Makes one-time codes, which are shown only now."""
    rate_limits.check(request, rate_limits.CODES, "codes")
    body = read(bodies.CodesBody, request)
    return {"codes": commands.add_codes(poll.pk, count=body.count, actor=actor, **once(request, body))}


renew_token = for_hosts.renewing("renew_poll_token", "poll", commands.renew_token)


@for_hosts("get", "count_ballots", answers=answers.BallotCount, refuses=(404,))
def count_ballots(request: Request, poll: Poll, actor: Actor) -> Answer:
    """How many ballots are in."""
    return {"ballots": row_of(poll)["ballots"]}


@endpoint("get", "get_receipt", answers=answers.ReceiptFound, refuses=(404,))
def receipt(request: Request, poll: str, ballot_id: UUID) -> Answer:
    """Looks a ballot up by the id that only its voter knows.

    Answers with the receipt and, once the poll is closed, the proof of inclusion; 404 when the ballot is not in the count.
    """
    found = poll_or_404(poll)
    rate_limits.check(request, rate_limits.LOOK, "receipt")
    return receipts.proof_view(found, existing(receipts.find(found, ballot_id), "This ballot is not in the count."))
