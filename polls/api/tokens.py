"""POST .../renew-token: a new host token; all that were given before have ended."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from polls import commands
from polls.api.views import poll_or_404
from polls.permissions import host_of, set_host_cookie
from venues.proofs import Subject
from venues.renewal import renewed
from web.openapi import HOST, operation
from web.serializers import RenewedToken


class RenewToken(APIView):
    """Of a poll."""

    @operation("renew_poll_token", answers={200: RenewedToken}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, poll: str) -> Response:
        """200 with the asker's new token, and the host cookie."""
        found = poll_or_404(poll)
        found, token = renewed(request, Subject.of(found), commands.renew_token, actor=host_of(request, found))
        response = Response({"hostToken": token})
        set_host_cookie(request._request, response, found, token)
        return response
