"""POST .../renew-token: a new host token; all that were given before have ended."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from polls import hosts
from polls.api.views import poll_or_404
from polls.models import Poll
from polls.viewers import host_of, set_host_cookie
from venues.access import given_token, key_of
from venues.proofs import Subject


class Renewed(serializers.Serializer[Any]):
    """A poll's new host token."""

    hostToken = serializers.CharField()


class RenewToken(APIView):
    """Of a poll."""

    @extend_schema(request=None, responses={200: Renewed})
    def post(self, request: Request, poll: str) -> Response:
        """200 with the asker's new token, and the host cookie."""
        found = poll_or_404(poll)
        actor, before = host_of(request, found), Subject.of(found)
        found = hosts.renew(Poll, found.pk, actor=actor)
        token = given_token(request, Subject.of(found), actor=actor, key=key_of(request), proved=before)
        response = Response({"hostToken": token})
        set_host_cookie(request._request, response, found, token)
        return response
