"""The views of the project's own poll API."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock, rate_limits
from core.clock import milliseconds
from core.errors import existing
from core.json_types import View
from polls import commands, receipts, selectors, shapes
from polls.api import answers
from polls.api import serializers as bodies
from polls.models import Poll
from polls.permissions import host_of, set_host_cookie
from polls.refusals import NO_SUCH_POLL
from venues import access
from venues.proofs import Subject
from web.api import once, read
from web.openapi import HOST, KEY_HEADER, MAY_BE_HOST, MAY_HAVE_KEY, operation
from web.serializers import Done


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
    """The question, from Postgres; nothing of the counts."""
    return shapes.configuration(row_of(poll), now_ms=milliseconds(clock.now()))


class Create(APIView):
    """Makes a poll."""

    @operation(
        "create_poll",
        body=bodies.NewPollBody,
        answers={201: answers.CreatedPoll},
        refuses=(401, 404, 409),
        parameters=[KEY_HEADER, MAY_HAVE_KEY, MAY_BE_HOST],
    )
    def post(self, request: Request) -> Response:
        """201 with its id, code, links, host token and the host cookie."""
        rate_limits.check(request, rate_limits.CREATE, "poll")
        body = read(bodies.NewPollBody, request)
        key = once(request, body)
        venue, api_key, actor = access.owner_of_new(request, body["venue"])
        queue = None
        if body["line"]:
            from queues.api.access import host_of as host_of_line
            from queues.api.access import line_or_404
            from queues.selectors import line_by_code

            line = line_or_404(body["line"])
            actor = host_of_line(request, line)
            queue = line_by_code(line.code)
        poll = commands.create(
            bodies.PollBody.new_poll(body),
            actor=actor,
            venue=venue or (queue.venue if queue else None),
            api_key=api_key,
            queue=queue,
            open_now=body["open"],
            **key,
        )
        proved = Subject.of(queue) if queue else None
        token = access.given_token(request, Subject.of(poll), actor=actor, key=api_key, proved=proved)
        response = Response(created_view(request._request, poll, token), status=201)
        set_host_cookie(request._request, response, poll, token)
        return response


class One(APIView):
    """One poll."""

    @operation("get_poll", answers={200: answers.PollQuestion}, refuses=(404,))
    def get(self, request: Request, poll: str) -> Response:
        """200 with the question; nothing of the counts."""
        return Response(configuration_view(poll_or_404(poll)))

    @operation(
        "edit_poll",
        body=bodies.PollBody,
        answers={200: answers.PollQuestion},
        proof=HOST,
        refuses=(404, 409),
    )
    def put(self, request: Request, poll: str) -> Response:
        """Rewrites a draft."""
        found = poll_or_404(poll)
        actor = host_of(request, found)
        commands.edit(found.pk, bodies.PollBody.new_poll(read(bodies.PollBody, request)), actor=actor)
        return Response(configuration_view(found))

    @operation("delete_poll", answers={200: Done}, proof=HOST, refuses=(404,))
    def delete(self, request: Request, poll: str) -> Response:
        """Deletes it with all that belongs to it."""
        found = poll_or_404(poll)
        commands.delete(found.pk, actor=host_of(request, found))
        return Response({"ok": True})


def changed_view(poll: Poll) -> View:
    """What a command made of a poll; `status` is its phase."""
    return {
        "ok": True,
        "status": poll.phase_at(clock.now()),
        "epoch": poll.epoch,
        "closedAt": milliseconds(poll.closed_at),
    }


class Act(APIView):
    """Opens or closes a poll."""

    command: Any = None
    called = ""

    @operation(answers={200: answers.PollChanged}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, poll: str) -> Response:
        """200 with the poll's status."""
        found = poll_or_404(poll)
        return Response(changed_view(self.command(found.pk, actor=host_of(request, found))))


class Reset(APIView):
    """Starts a new round."""

    @operation(
        "reset_poll",
        body=bodies.ResetBody,
        answers={200: answers.PollChanged},
        proof=HOST,
        refuses=(404, 409),
    )
    def post(self, request: Request, poll: str) -> Response:
        """200 with the poll's status and new epoch; 409, with nothing deleted, when its end is past and no `end` is given."""
        found = poll_or_404(poll)
        actor = host_of(request, found)
        # Old clients send nothing, or an empty form.
        form = request.content_type.startswith("multipart/")
        ends_at = commands.KEEP if form else read(bodies.ResetBody, request).get("end", commands.KEEP)
        return Response(changed_view(commands.reset(found.pk, ends_at=ends_at, actor=actor)))


class Codes(APIView):
    """One-time codes."""

    @operation(
        "add_codes",
        body=bodies.CodesBody,
        answers={200: answers.NewCodes},
        proof=HOST,
        refuses=(404, 409),
        parameters=[KEY_HEADER],
    )
    def post(self, request: Request, poll: str) -> Response:
        """200 with fresh codes, shown once."""
        found = poll_or_404(poll)
        actor = host_of(request, found)
        rate_limits.check(request, rate_limits.CODES, "codes")
        body = read(bodies.CodesBody, request)
        return Response(
            {"codes": commands.add_codes(found.pk, count=body["count"], actor=actor, **once(request, body))}
        )


class Ballots(APIView):
    """How many ballots are in."""

    @operation("count_ballots", answers={200: answers.BallotCount}, proof=HOST, refuses=(404,))
    def get(self, request: Request, poll: str) -> Response:
        """200 with how many ballots are in; for hosts."""
        found = poll_or_404(poll)
        host_of(request, found)
        return Response({"ballots": row_of(found)["ballots"]})


class ReceiptOf(APIView):
    """Looking a ballot up by the id only its voter knows."""

    @operation("get_receipt", answers={200: answers.ReceiptFound}, refuses=(404,))
    def get(self, request: Request, poll: str, ballot_id: UUID) -> Response:
        """200 with the receipt and, once closed, the proof of inclusion; 404 when it is not in the count."""
        found = poll_or_404(poll)
        rate_limits.check(request, rate_limits.LOOK, "receipt")
        ballot = existing(receipts.find(found, ballot_id), "This ballot is not in the count.")
        return Response(receipts.proof_view(found, ballot))
