"""Cloudflare Turnstile, asked only when a secret is configured (contract queueup.md). Never inside a transaction."""

import logging

import orjson
import urllib3
from django.conf import settings

from core.errors import Invalid, Refused

logger = logging.getLogger(__name__)

# What an old client looks for in an error (contract queueup.md, join).
FAILED = "Turnstile verification failed"

_http = urllib3.PoolManager(timeout=urllib3.Timeout(total=5.0), retries=False)


class Unchecked(Refused):
    """The checking service did not answer."""

    status = 503


def check(token: str | None) -> None:
    """Raises Invalid unless the visitor passed the challenge; Unchecked when the service cannot be asked."""
    if not settings.TURNSTILE_SECRET:
        return
    if not token:
        raise Invalid(f"turnstileToken is required: {FAILED}.", field="turnstileToken")
    try:
        answer = _http.request(
            "POST",
            settings.TURNSTILE_URL,
            fields={"secret": settings.TURNSTILE_SECRET, "response": token},
            redirect=False,
        )
        passed = orjson.loads(answer.data).get("success") is True
    except (urllib3.exceptions.HTTPError, ValueError, AttributeError) as problem:
        logger.warning("Turnstile does not answer", extra={"problem": problem})
        raise Unchecked("Turnstile verification is not possible at the moment. Please try again.") from problem
    if not passed:
        raise Invalid(f"turnstileToken was not accepted: {FAILED}.", field="turnstileToken")
