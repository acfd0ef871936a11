"""The paths answered before Django (realtime/edge.py, realtime/consumers.py), for the OpenAPI page, which cannot see them."""

from typing import Any

_CODE = {
    "name": "code",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-HJ-NP-Za-hj-np-z2-9]{6}$"},
}
_HOST = {
    "name": "x-host-auth",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The host token, or its cookie.",
}
_GUEST = {"name": "partyId", "in": "query", "schema": {"type": "string", "format": "uuid"}}
_KNOWN = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
_VIEW = {"application/json": {"schema": {"type": "object", "additionalProperties": True}}}
_REFUSED = {
    "401": "No proof of being a host.",
    "403": "A wrong proof, another line's, or a foreign origin.",
    "404": "No such line, or no such party in it.",
}


def add_hot_paths(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: describes snapshot, console and connect (contract queueup.md)."""
    refused = {
        status: {
            "description": said,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, said in _REFUSED.items()
    }
    seen = {
        "200": {"description": "The view, with its ETag.", "content": _VIEW},
        "304": {"description": "Not modified."},
    }
    result["paths"] |= {
        "/api/queue/{code}/snapshot": {
            "get": {
                "operationId": "queue_snapshot",
                "tags": ["api"],
                "description": "The line as its host, one guest (partyId) or, with neither, anybody may see it.",
                "parameters": [_CODE, _HOST, _GUEST, _KNOWN],
                "responses": {**seen, "403": refused["403"], "404": refused["404"]},
            }
        },
        "/api/queue/{code}/console": {
            "get": {
                "operationId": "queue_console",
                "tags": ["api"],
                "description": "All that our own host console shows; hosts only.",
                "parameters": [_CODE, _HOST, _KNOWN],
                "responses": {**seen, **refused},
            }
        },
        "/api/queue/{code}/connect": {
            "get": {
                "operationId": "queue_connect",
                "tags": ["api"],
                "description": "WebSocket of the line, for its host or one guest.",
                "parameters": [
                    _CODE,
                    _HOST,
                    _GUEST,
                    {"name": "hostToken", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {"101": {"description": "The socket is open."}, **refused},
            }
        },
    }
    result["paths"] = dict(sorted(result["paths"].items()))
    return result
