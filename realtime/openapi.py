"""The paths answered before Django (realtime/edge.py and the sockets), for the OpenAPI page, which cannot see them."""

from typing import Any

_CODE = "[A-HJ-NP-Za-hj-np-z2-9]{6}"


def _in_path(name: str, schema: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", **schema}}


def _in_query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string", **schema}}


_LINE = _in_path("code", {"pattern": f"^{_CODE}$"})
_POLL = _in_path("poll", {"description": "The id, or the code in any case."})
_ROOM = _in_path("room", {"description": "The id, or the code in any case."})
_ID = {"format": "uuid"}
_HOST = {
    "name": "x-host-auth",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The host token, or its cookie.",
}
_GUEST = _in_query("partyId", format="uuid")
_SINCE = _in_query("since", description="A version: anybody's view may then be only what changed (queue_changes).")
_EXACT = _in_query("cache", enum=["false"], description="`false`: exact, from Postgres; else at most a second old.")
_KNOWN = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
_VIEW = {"application/json": {"schema": {"type": "object", "additionalProperties": True}}}
_SEEN = {"200": {"description": "The view, with its ETag.", "content": _VIEW}, "304": {"description": "Not modified."}}
_EVENTS = {
    "200": {
        "description": "Server-Sent Events; each message's data is JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
_SOCKET = {"101": {"description": "The socket is open."}}
_REFUSED = {
    "400": "A value that can never be right.",
    "401": "No proof of being a host.",
    "403": "A wrong proof, another's, or a foreign origin.",
    "404": "No such thing.",
}

# path, operation, what it is, parameters, good answers, refusals
_PATHS: list[tuple[str, str, str, list[dict[str, Any]], dict[str, Any], str]] = [
    (
        "/api/queue/{code}/snapshot",
        "queue_snapshot",
        "The line as its host, one guest (partyId) or, with neither, anybody may see it.",
        [_LINE, _HOST, _GUEST, _SINCE, _KNOWN],
        _SEEN,
        "403 404",
    ),
    (
        "/api/queue/{code}/console",
        "queue_console",
        "All that our own host console shows; hosts only.",
        [_LINE, _HOST, _KNOWN],
        _SEEN,
        "401 403 404",
    ),
    (
        "/api/queue/{code}/connect",
        "queue_connect",
        "WebSocket of the line, for its host or one guest.",
        [_LINE, _HOST, _GUEST, _in_query("hostToken")],
        _SOCKET,
        "401 403 404",
    ),
    (
        "/api/queue/{code}/versions",
        "queue_versions",
        "The line's version whenever it changes, and every few seconds; also as a WebSocket. Then fetch what you may see.",
        [_LINE],
        _EVENTS,
        "404",
    ),
    (
        "/api/polls/{poll}/results",
        "poll_results",
        "How the poll stands; counts that this viewer may not see are null.",
        [_POLL, _HOST, _EXACT, _KNOWN],
        _SEEN,
        "401 403 404",
    ),
    (
        "/api/polls/{poll}/stream",
        "poll_stream",
        "The results whenever they change, until the poll is closed. A message's id is its version, where counts may be seen. "
        "204 for a client that comes again after the end (Last-Event-ID).",
        [_POLL, _HOST],
        _EVENTS,
        "401 403 404",
    ),
    (
        "/api/polls/{poll}/connect",
        "poll_connect",
        "WebSocket: the results whenever they change; closed with 1000 at the end.",
        [_POLL, _HOST],
        _SOCKET,
        "401 403 404",
    ),
    (
        "/api/vote/{session_id}/stream",
        "session_stream",
        "Events init, update, ..., closed. 204 for a client that comes again after the end (Last-Event-ID).",
        [_in_path("session_id", _ID)],
        _EVENTS,
        "404",
    ),
    (
        "/api/rooms/{room}/history",
        "room_history",
        "All ticks of the room, oldest first, also after it is closed; with `since` only those after that second, with "
        "`points` (100 to 10000) the older ones thinned for a graph: the first, highest, lowest and last of several.",
        [_ROOM, _in_query("since", type="integer"), _in_query("points", type="integer"), _KNOWN],
        _SEEN,
        "400 404",
    ),
    (
        "/api/vote_ws/",
        "room_connect",
        'WebSocket of a room. Say {"auth": {"user_id", "token", "room"}} first, with "since" for only the ticks after that '
        'second; then {"vote": {"value", "ts"}}.',
        [],
        _SOCKET,
        "403",
    ),
    (
        "/poll/{poll_id}",
        "edge_poll_configuration",
        "The poll's configuration (the older poll API).",
        [_in_path("poll_id", _ID), _EXACT, _KNOWN],
        _SEEN,
        "404",
    ),
    (
        "/poll/{poll_id}/results",
        "edge_poll_results",
        "The configuration with counts by shard (the older poll API).",
        [_in_path("poll_id", _ID), _EXACT, _KNOWN],
        _SEEN,
        "404",
    ),
]


def add_hot_paths(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: describes what realtime/ answers, over what Django would."""
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operation, what, parameters, good, refused in _PATHS:
        result["paths"].setdefault(path, {})["get"] = {
            "operationId": operation,
            "tags": [path.split("/")[1]],
            "description": what,
            "parameters": parameters,
            "responses": good
            | {status: {"description": _REFUSED[status], "content": refusal} for status in refused.split()},
        }
    result["paths"] = dict(sorted(result["paths"].items()))
    return result
