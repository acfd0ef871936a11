"""Texts through a program of the venue's: a phone with an app, or a local provider (docs/contracts/sms-gateway.md)."""

from datetime import UTC, datetime
from typing import Any

import orjson

from outbox.connections import Answer, Unreachable
from outbox.signing import signed
from reach import segments
from reach.providers import Account, Fate, Posted, Text, micros, reason, wait_s
from reach.providers.posting import post


def send(account: Account, text: Text) -> Posted:
    """Hands the gateway one text. It knows attempts of the same message by their `Idempotency-Key`, so an unclear one may be sent
    again."""
    body = orjson.dumps(
        {
            "type": "message.send",
            "id": text.key,
            "channel": text.channel,
            "to": text.to,
            "from": account.sender,
            "text": text.body,
            "segments": segments.count(text.body).count,
            "callback": text.receipts,
        }
    )
    # This machine's clock, not the database's: the receiver compares it with its own.
    headers = signed(text.key, body, [account.secret], datetime.now(UTC)) | {
        "Content-Type": "application/json",
        "User-Agent": "Tallyline-Texts/1",
        "Idempotency-Key": text.key,
    }
    try:
        answer = post(account.url, headers, body)
    except Unreachable as problem:
        return Posted(Fate.LATER, f"The gateway: {problem}")
    return _posted(answer)


def _posted(answer: Answer) -> Posted:
    told = _object(answer.body)
    said = told.get("error")
    detail = reason(f"The gateway answered {answer.status}" + (f": {said}" if isinstance(said, str) and said else ""))
    if 200 <= answer.status < 300:
        known, counted = told.get("id"), told.get("segments")
        return Posted(
            Fate.TAKEN,
            provider_id=known[:64] if isinstance(known, str) else "",
            segments=counted if type(counted) is int and 0 < counted < 100 else None,
            cost_micros=micros(told.get("cost")),
        )
    match answer.status:
        case 408 | 425 | 429:
            return Posted(Fate.LATER, detail, after_s=wait_s(answer.headers.get("retry-after")))
        case 410 | 422:
            return Posted(Fate.GONE, detail)
        case status if status >= 500:
            return Posted(Fate.LATER, detail, after_s=wait_s(answer.headers.get("retry-after")))
        case status if 300 <= status < 400:
            return Posted(Fate.REFUSED, f"{detail}; redirects are not followed")
    return Posted(Fate.REFUSED, detail)


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}
