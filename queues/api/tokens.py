"""POST .../renew-token: a new host token; all that were given before have ended."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from polls import hosts
from queues.api import answers
from queues.api.access import host_cookies, host_of, line_or_404, subject_of
from queues.api.views import set_host_cookie
from venues.access import given_token, key_of
from web.openapi import HOST, operation


class RenewToken(APIView):
    """Of a line."""

    @operation("renew_line_token", answers={200: answers.RenewedLineToken}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, code: str) -> Response:
        """200 with the asker's new token, and the host cookie."""
        line = line_or_404(code)
        actor, before = host_of(request, line), subject_of(line)
        hosts.renew_line(line.pk, actor=actor)
        token = given_token(request, subject_of(line), actor=actor, key=key_of(request), proved=before)
        response = Response({"hostAuthToken": token})
        set_host_cookie(response, host_cookies(line.code), token)
        return response
