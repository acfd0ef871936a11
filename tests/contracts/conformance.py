"""What an answer to a generated request may be: what the schema says, and nothing else."""

from typing import Any

import httpx
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
# What no JSON Schema can say: how two fields of a body, or a field and who asks or what there is, go together.
BETWEEN_FIELDS = (
    "maxGuests must be between", "closeTime must be after openTime", "quoteHighMs: must be sent together", "must be a range",
    "maxPicks: must be", "mayChange: neighbours", "end: must be", "start: must be", "dedupe: 'ticket' needs", "is there twice",
    "timezone: must be a time zone", "closesAt: must be within", "meta", "partyId", "here is no such choice", "Pick ",
    "picked twice", "a key and a signature", "key: must be", "signature: must be", "work: this", "is over already",
    "must have letters that can be seen", "servedParty", "minutes", "size", "This poll", "auth: must be", "p256dh: must be",
    "highMs must be at least lowMs", "endpoint:", "email:", "number:", "cursor: is not one", "ways: This venue", "ways: By none",
)  # fmt: skip


def conforms(case: Case, answer: httpx.Response | Any, mode: GenerationMode, sent: Any) -> None:
    """Asserts that status, media type and body are the schema's, and that a body which fits it is not refused as wrong."""
    case.validate_response(answer, checks=CHECKS)
    if mode is GenerationMode.POSITIVE and answer.status_code == 400:
        sentence = answer.json()["error"]
        assert any(words in sentence for words in BETWEEN_FIELDS), (sent, sentence)
