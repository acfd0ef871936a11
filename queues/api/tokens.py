"""POST .../renew-token: a new host token; all that were given before have ended."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from queues import commands
from queues.api import answers
from queues.api.access import host_cookies, host_of, line_or_404, subject_of
from queues.api.views import set_host_cookie
from venues.renewal import renewed
from web.openapi import HOST, operation


class RenewToken(APIView):
    """Of a line."""

    @operation("renew_line_token", answers={200: answers.RenewedLineToken}, proof=HOST, refuses=(404, 409))
    def post(self, request: Request, code: str) -> Response:
        """200 with the asker's new token, and the host cookie."""
        line = line_or_404(code)
        actor = host_of(request, line)
        _line, token = renewed(request, subject_of(line), commands.renew_token, actor=actor)
        response = Response({"hostAuthToken": token})
        set_host_cookie(response, host_cookies(line.code), token)
        return response
