"""Two limits compared: what bodies may hold by their schemas, and how long a body may be (decision 0025)."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from config.bodies import body_limit
from tests.contracts.queueup import http
from tests.installation import ROOT, Stack
from tests.polls.running_poll import LivePoll
from web.body_types import Texts

# The longest way to write a letter in JSON: a surrogate pair.
EMOJI, LETTER = r"\ud83c\udf63", r"\u0041"
# Texts that contract edge-poll.md does not bound; they were 255 and 4,000 letters long when they were.
UNBOUNDED = {"/poll": {"title": 255, "description": 4_000, "choices": 255}}
# Cut to what is kept, whatever was sent.
CUT = {"location": 240, "contactInfo": 500, "contact": 500}
# An address of a push service, as the store keeps it.
OTHERS = {"endpoint": 1_000, "p256dh": 88, "auth": 24}

# Made by programs: no emoji.
ASCII = {"turnstileToken", "key", "signature", "endpoint", "p256dh", "auth"}


class Longest:
    """The length of the longest valid JSON of a schema."""

    def __init__(self, schemas: dict[str, Any], path: str) -> None:
        self._schemas = schemas
        self._known = {**CUT, **OTHERS, **UNBOUNDED.get(path.rstrip("/"), {})}

    def of(self, schema: dict[str, Any], name: str = "") -> int:
        """In bytes, every letter escaped."""
        if "$ref" in schema:
            return self.of(self._schemas[schema["$ref"].rpartition("/")[2]], name)
        for several in ("allOf", "oneOf", "anyOf"):
            if several in schema:
                return max(self.of(each, name) for each in schema[several])
        if "enum" in schema:
            return max(len(str(each)) * len(LETTER) + 2 for each in schema["enum"])
        kind = schema.get("type", "object")
        kinds = [kind] if isinstance(kind, str) else kind
        return max(getattr(self, f"_{each}")(schema, name) for each in kinds)

    def _object(self, schema: dict[str, Any], name: str) -> int:
        found = schema.get("properties", {}).items()
        named = 2 + sum(len(key) * len(LETTER) + 4 + self.of(each, key) for key, each in found)
        if not isinstance(schema.get("additionalProperties"), dict):
            return named
        # Such as the fields of a form: web.body_types.Texts bounds their names.
        one = Texts.longest_name * len(LETTER) + 4 + self.of(schema["additionalProperties"], name)
        return named + int(schema["maxProperties"]) * one

    def _array(self, schema: dict[str, Any], name: str) -> int:
        assert "maxItems" in schema, f"{name} may have any number"
        return 2 + int(schema["maxItems"]) * (self.of(schema["items"], name) + 1)

    def _string(self, schema: dict[str, Any], name: str) -> int:
        if schema.get("format") == "uuid":
            return 36 * len(LETTER) + 2
        if "pattern" in schema and "maxLength" not in schema:
            return 40 * len(LETTER) + 2
        most = schema.get("maxLength", self._known.get(name))
        assert most is not None, f"{name} may be of any length"
        return int(most) * len(LETTER if name in ASCII else EMOJI) + 2

    def _integer(self, schema: dict[str, Any], name: str) -> int:
        return 24

    _number = _integer

    def _boolean(self, schema: dict[str, Any], name: str) -> int:
        return len("false")

    def _null(self, schema: dict[str, Any], name: str) -> int:
        return len("null")


def bodies() -> dict[str, tuple[str, dict[str, Any]]]:
    """Of each operation with a body: its path, and the schema of the body."""
    found = {}
    for path, methods in SCHEMA["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for kind, body in content.items():
                if "schema" in body:
                    found[f"{method} {path} {kind}"] = (path, body["schema"])
    return found


SCHEMA: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
BODIES = bodies()


@pytest.mark.parametrize("operation", sorted(BODIES))
def test_the_longest_valid_body_of_each_route_is_within_its_limit(operation: str) -> None:
    path, schema = BODIES[operation]
    longest = Longest(SCHEMA["components"]["schemas"], path).of(schema)
    assert longest <= body_limit(re.sub("{[^}]+}", "x", path))


def test_the_schema_names_all_routes_with_bodies() -> None:
    assert len(BODIES) > 20


def test_nginx_lets_through_what_tallyline_takes() -> None:
    conf = (ROOT / "deploy" / "nginx.conf").read_text()
    units = {"k": 1024, "m": 1024 * 1024}
    sizes = sorted(int(size) * units[unit] for size, unit in re.findall(r"client_max_body_size (\d+)([km]);", conf))
    limits = (settings.API_BODY_LIMIT, settings.LINE_BODY_LIMIT, settings.POLL_BODY_LIMIT, settings.PAGE_BODY_LIMIT)
    assert sizes == [settings.POLL_BODY_LIMIT, settings.PAGE_BODY_LIMIT, settings.LOGO_BODY_LIMIT]
    assert list(limits) == sorted(limits)
    # A form's own limits: a hundred choices and a dozen other fields.
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE >= settings.PAGE_BODY_LIMIT
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS > 120


def escaped(length: int, number: int = 0) -> str:
    """A text of so many emoji, all written as surrogate pairs; each `number` is another."""
    return (f"\\ud83c\\udf{0x40 + number % 64:02x}" + rf"\ud83d\ude{number // 64:02x}" + EMOJI * length)[: length * 12]


def test_the_longest_bodies_are_taken(stack: Stack) -> None:
    """A hundred choices of 255 emoji each, in every way to ask; a line, a party and a ballot of a hundred picks."""
    texts = [f'"{escaped(255, n)}"' for n in range(100)]
    title, choices = f'"{escaped(255)}"', ",".join(texts)
    key = stack.new_key()

    def taken(method: str, path: str, body: str, **headers: str) -> Any:
        answer = http.request(method, f"{stack.url()}{path}", content=body.encode(), headers=headers)
        assert answer.status_code in {200, 201}, f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        return answer.json() if answer.text.startswith("{") else None

    about = f'"description": "{escaped(4_000)}"'
    poll = f'{{"title": {title}, {about}, "choices": [{choices}], "maxPicks": 100}}'
    made = taken("POST", "/api/polls/", poll)
    taken("PUT", f"/api/polls/{made['id']}", poll, **{"x-host-auth": made["hostToken"]})
    asked = ",".join(f'{{"text": "{escaped(100, n)}"}}' for n in range(100))
    taken("POST", "/api/vote", f'{{"question": {title}, "voteType": "multiple", "choices": [{asked}]}}')
    old = f'{{"title": {title}, {about}, "start": 1700000000000, "end": 4000000000000, "shards": 1, "choices": [{choices}]}}'
    taken("POST", "/poll", old, **{"api-key": key})
    where = f'"location": "{escaped(240)}", "contactInfo": "{escaped(500)}", "contact": "{escaped(500)}"'
    line = taken("POST", "/api/queue/create", f'{{"eventName": "{escaped(120)}", "maxGuests": 9, {where}}}')
    taken("POST", f"/api/queue/{line['code']}/join", f'{{"name": "{escaped(80)}", "note": "{escaped(200)}"}}')
    taken("POST", "/api/rooms", f'{{"title": {title}}}')
    wide = LivePoll(stack, choices=[str(n) for n in range(100)], maxPicks=100)
    picks = ",".join(map(str, range(100)))
    taken("POST", f"/api/polls/{wide.id}/ballots", f'{{"ballotId": "{uuid4()}", "choices": [{picks}]}}')
