"""How the OpenAPI document is made: what each operation is called, who may ask, what it answers and refuses.

An operation is declared once, at its view: by web/endpoints.py, or by `operation` where it is answered before Django (law 6). A
test compares all of them with the routes of the program.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import F, OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from core.scopes import SCOPES, Scope, told
from web.bodies import schemas_of

# Security requirements: each is a list of alternatives; an empty one makes an operation public.
Proof = Sequence[dict[str, list[str]]]
HOST: Proof = [{"hostToken": []}, {"hostCookie": []}, {"apiKey": []}, {"signIn": [], "csrf": []}]
HOST_ONLY: Proof = HOST[:2]
KEY: Proof = [{"apiKey": []}]


def _scheme(where: str, name: str, description: str) -> dict[str, Any]:
    return {"type": "apiKey", "in": where, "name": name, "description": description}


SECURITY_SCHEMES = {
    "hostToken": _scheme(
        "header",
        "x-host-auth",
        "The host token that a create has answered: `hostAuthToken` of a line, `hostToken` of the others.",
    ),
    "apiKey": _scheme(
        "header",
        "api-key",
        "A key of a venue, made by its owner or by `manage.py create_api_key`. It has scopes, and may expire. "
        "An operation takes a key that has one of its `x-scopes`.",
    )
    | {"x-scopes": {scope.value: description for scope, description in SCOPES.items()}},
    "hostCookie": _scheme(
        "cookie",
        "queue_host_auth",
        "The host token as a browser keeps it, for seven days. Each line, poll and room also has its own: "
        "`queue_host_CODE`, `poll_host_CODE`, `room_host_CODE`.",
    ),
    "signIn": _scheme(
        "cookie", settings.SESSION_COOKIE_NAME, "The session of a person who has signed in to our pages."
    ),
    "csrf": _scheme(
        "header", "X-CSRFToken", f"Goes with the session: the value of the cookie `{settings.CSRF_COOKIE_NAME}`."
    ),
}

_REFUSALS = {
    400: "Something that can never be right. The sentence begins with the field's name.",
    401: "No proof of being a host, or no known key, or one that has expired.",
    403: "A wrong proof, another's, a key without the scope, or a web page of an origin that is not allowed.",
    404: "No such thing.",
    409: "Right in itself, but not now: closed, full, taken, or a known Idempotency-Key with another body.",
    410: "The browser does not take messages any more.",
    413: "The body is too long.",
    429: "Too many from this client. `Retry-After` says when to come again, in seconds.",
    502: "The push service refused the message.",
    503: "Nothing was done. Trying again is safe; `Retry-After` says when, in seconds.",
}

KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 16, "maxLength": 200, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="The same key gives the same thing again, not a second; with another body it is refused (409).",
)
MAY_BE_HOST = OpenApiParameter(
    "x-host-auth", str, OpenApiParameter.HEADER, description="A host token, to be answered as the host."
)
MAY_HAVE_KEY = OpenApiParameter(
    "api-key", str, OpenApiParameter.HEADER, description="A venue's key: what is made belongs to the venue."
)
MAY_SEE_LESS = OpenApiParameter(
    "as",
    str,
    OpenApiParameter.QUERY,
    enum=["public", "voter"],
    description="Shows no more than the public, or a voter, may see, also to a host: for screens that others see.",
)
KNOWN = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of what is known already; 304 if it is still so.",
)


class Problem(serializers.Serializer[Any]):
    """Why not."""

    error = serializers.CharField(help_text="A sentence; one about a field begins with its name.")
    code = serializers.CharField(
        required=False, help_text="The reason by a name that does not change: in our own API, of polls and rooms."
    )


def operation(
    name: str,
    *,
    answers: dict[Any, Any],
    body: Any = None,
    proof: Proof = (),
    refuses: Sequence[int] = (),
    parameters: Sequence[OpenApiParameter] = (),
    scopes: Sequence[Scope] = (),
    etag: bool = False,
) -> Callable[[F], F]:
    """Declares an operation of a view: `name` (a verb and a noun), its request `body`, its good `answers` by status, the `proof`
    it asks for, and the statuses that it `refuses` with besides those of every operation. `scopes`: a key needs one of these;
    declared wherever a key may be sent, and checked before the view is asked (venues/scopes.py). `etag`: it may answer 304.
    """
    takes_key = MAY_HAVE_KEY in parameters or any("apiKey" in each for each in proof)
    if takes_key != bool(scopes):
        raise ValueError(f"{name}: scopes are declared where an API key may be sent, and only there")
    statuses = {400, 403, 413, 429, 503, *refuses} | ({401} if proof or scopes else set())
    responses: dict[Any, Any] = dict(answers)
    if etag:
        responses[304] = OpenApiResponse(description="Not modified.")
    for status in sorted(statuses):
        responses[(status, "application/json")] = OpenApiResponse(Problem, _REFUSALS[status])
    headers = [
        OpenApiParameter("Retry-After", int, OpenApiParameter.HEADER, response=[429, 503], description="Seconds.")
    ]
    if etag:
        headers.append(OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 304]))
        parameters = [*parameters, KNOWN]
    described: Callable[[F], F] = extend_schema(
        operation_id=name,
        request=body,
        responses=responses,
        parameters=[*parameters, *headers],
        auth=list(proof),  # type: ignore[arg-type]
        examples=_example_of(body),
        extensions={"x-scopes": [scope.value for scope in scopes]} if scopes else None,
    )

    def declare(view: F) -> F:
        view.scopes = tuple(scopes)  # type: ignore[attr-defined]
        return described(view)

    return declare


def _example_of(body: Any) -> list[OpenApiExample]:
    """A body that is accepted as it stands, but for the ids in it; a test sends each."""
    shown = getattr(body, "example", None)
    return [] if shown is None else [OpenApiExample("Example", value=shown, request_only=True)]


TEXT_OK = {(200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "The word `ok`.")}
EVENTS = {
    (200, "text/event-stream"): OpenApiResponse(OpenApiTypes.STR, "Server-Sent Events; each message's data is JSON.")
}
SOCKET = {101: OpenApiResponse(description="The socket is open.")}


class BodySchema(OpenApiSerializerExtension):
    """web.bodies.Body, which says itself what it accepts."""

    target_class = "web.bodies.Body"
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: str) -> str:
        """The class's."""
        return str(self.target.__name__)

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """With the class's docstring as its description. The bodies in it become components, too."""
        schemas = schemas_of(self.target)
        schema = schemas.pop(self.target.__name__)
        for name, inner in schemas.items():
            component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=inner, object=name)
            auto_schema.registry.register_on_missing(component)
        return schema


class Schema(AutoSchema):
    """Reads what `operation` has declared."""

    def map_parsers(self) -> list[str]:
        """Bodies are JSON. That we read them whatever they are called (web/api.py) is for beacons and old clients."""
        return ["application/json"]

    def get_summary(self) -> str | None:
        """The first sentence of the function that answers, or of the view."""
        handler = getattr(self.view, self.method.lower(), None)
        if summary := getattr(handler, "summary", None):
            return str(summary)
        return (type(self.view).__doc__ or "").strip().partition("\n")[0].rstrip(".") or None

    def get_description(self) -> str:  # type: ignore[override]
        """What the view's docstring says beyond the summary, and which scopes an API key needs."""
        said = str(super().get_description() or "").strip()
        scopes = getattr(getattr(self.view, self.method.lower(), None), "scopes", ())
        needed = f"An API key needs the scope {told(f'`{scope}`' for scope in scopes)}." if scopes else ""
        return "\n\n".join(filter(None, (said, needed)))

    def get_tags(self) -> list[str]:
        """By what it is about, not by where the paths begin."""
        for prefix, tag in _TAGS:
            if self.path.startswith(prefix):
                return [tag]
        return ["other"]


_TAGS = (
    ("/api/queue", "lines"), ("/api/lines", "lines"),
    ("/api/polls", "polls"), ("/api/vote_ws", "rooms"), ("/api/vote", "voting sessions"),
    ("/api/rooms", "rooms"), ("/poll", "edge-poll"), ("/api/push", "push"), ("/api/webhooks", "webhooks"), ("/api/track", "push"),
    ("/api/events", "events"), ("/api/reports", "reports"),
)  # fmt: skip


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook: the paths in order, where they are served, and unions that two shapes of may fit at once."""
    result["paths"] = dict(sorted(result["paths"].items()))
    result["components"]["securitySchemes"] = SECURITY_SCHEMES
    result["servers"] = [{"url": "/", "description": "Where this page comes from."}]
    for schema in result["components"]["schemas"].values():
        if "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")
    return result
