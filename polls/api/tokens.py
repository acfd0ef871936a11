"""POST .../renew-token: a new host token; all that were given before have ended."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from polls import hosts
from polls.api.views import poll_or_404
from polls.models import Poll
from polls.permissions import host_of, set_host_cookie
from venues.access import given_token, key_of
from venues.proofs import Subject
from web.openapi import HOST, operation
from web.serializers import RenewedToken


class RenewToken(APIView):
    """Of a poll."""

    @operation("renew_poll_token", answers={200: RenewedToken}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, poll: str) -> Response:
        """200 with the asker's new token, and the host cookie."""
        found = poll_or_404(poll)
        actor, before = host_of(request, found), Subject.of(found)
        found = hosts.renew(Poll, found.pk, actor=actor)
        token = given_token(request, Subject.of(found), actor=actor, key=key_of(request), proved=before)
        response = Response({"hostToken": token})
        set_host_cookie(request._request, response, found, token)
        return response
