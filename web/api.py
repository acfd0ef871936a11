"""What every JSON API of the program shares: parsing, rendering, idempotency keys and the shape of an error."""

import logging
from contextlib import suppress
from typing import Any
from wsgiref.types import WSGIEnvironment

import orjson
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from psycopg.errors import QueryCanceled
from rest_framework import exceptions, parsers, renderers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from core.api_paths import NO_SUCH_PATH
from core.errors import Busy, Invalid, Refused
from core.refusals import UNAVAILABLE
from web import bodies, idempotency
from web.bodies import B, Body

logger = logging.getLogger(__name__)


class JSONParser(parsers.BaseParser):
    """Reads every body as JSON, with any Content-Type (beacons send text/plain).

    No way in for forged requests of other origins: those are refused before (core/cors.py).
    """

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        """Raises ParseError (400) for what is not a JSON object; orjson bounds the depth."""
        try:
            body = orjson.loads(stream.read() or b"{}")
        except orjson.JSONDecodeError:
            raise exceptions.ParseError("The body is not JSON.") from None
        if not isinstance(body, dict):
            raise exceptions.ParseError("The body must be a JSON object.")
        return body


class JSONRenderer(renderers.BaseRenderer):
    """Compact JSON."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8 (RFC 8259, 11)

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """UTF-8; no bytes for None."""
        return b"" if data is None else orjson.dumps(data)


class AnyAccept(DefaultContentNegotiation):
    """No 406 and no 415: Accept and Content-Type of a request are ignored where there is one renderer or parser.

    Where a view has several renderers, `Accept` and `format` in the query may choose; where it has one, `format` has the
    meaning that the view gives it.
    """

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The only parser."""
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """The requested renderer of several, else the first."""
        if len(renderers) > 1:
            with suppress(exceptions.NotAcceptable, Http404):
                return super().select_renderer(request, renderers, format_suffix)
        return renderers[0], renderers[0].media_type


def error_answer(problem: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: `{"error": "..."}` with the status of the refusal; None (500) for an unexpected exception."""
    request = context["request"]
    # Also of a view that answers HTML or YAML.
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    if isinstance(problem, exceptions.ParseError):
        problem = Invalid(str(problem.detail))
    match problem:
        case Refused():
            return Response(problem.view(request.path), status=problem.status, headers=problem.headers)
        case exceptions.APIException():
            return Response({"error": str(problem.detail)}, status=problem.status_code)
        case ObjectDoesNotExist():
            return Response({"error": "There is no such thing."}, status=404)
        case SuspiciousOperation():  # such as a thousand parameters in a query
            return Response({"error": "This request could not be read."}, status=400)
        case DataError():
            return Response({"error": "A value is out of range."}, status=400)
        case OperationalError() if not isinstance(problem.__cause__, QueryCanceled):
            logger.error("Postgres is away", extra={"problem": problem})
            return Response(Busy(UNAVAILABLE).view(request.path), status=503, headers={"Retry-After": "2"})
    return None


def read(kind: type[B], request: Request) -> B:
    """The request's body. Raises Invalid, ParseError (400)."""
    return bodies.read(kind, request.data)


def once(request: Request, body: Body) -> idempotency.Once:
    """The idempotency key of a create with this body, as commands take it. Raises Invalid."""
    key = request.headers.get(idempotency.HEADER, "")
    return idempotency.once(key, body.values(), sender=idempotency.sender_of(request))


def request_of(environ: WSGIEnvironment) -> Request:
    """A DRF request for code outside of Django's views, with headers, cookies and session, to tell who asks."""
    request = WSGIRequest(environ)
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    return Request(request)


@csrf_exempt  # it changes nothing, and its 404 must not become a 403
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """404 for an unknown path under /api/."""
    return JsonResponse({"error": NO_SUCH_PATH}, status=404)
