"""SMS and WhatsApp through Twilio, by its own library, over our connections (decision 0084)."""

import base64
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from outbox.connections import Unreachable
from reach.providers import Account, Channel, Fate, Posted, Text, micros, wait_s
from reach.providers.posting import post

HOME = "https://api.twilio.com"
_NO_SUCH_NUMBER = {21211, 21214, 21217, 21407, 21614, 63024}
_STOPPED = {21610}
# Too much for the account or its numbers, now.
_LATER = {14107, 20429, 30001, 63018}
# How connections (outbox/connections.py) say that nothing was sent.
_NEVER_SENT = ("its ", "no trusted connection", "no connection (ConnectionRefusedError)")


class Connection(HttpClient):
    """Twilio's requests over `posting.post`: no redirects, no proxy of the environment, an end in time, nothing in logs. One for
    each message: it keeps the last answer's Retry-After."""

    def __init__(self) -> None:
        self.after_s: float | None = None

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Posts a form. Raises Unreachable."""
        if method != "POST" or params:
            raise NotImplementedError("texts are posted")
        name, password = auth or ("", "")
        proof = base64.b64encode(f"{name}:{password}".encode()).decode()
        sent = {key: value for key, value in (headers or {}).items() if value} | {"Authorization": f"Basic {proof}"}
        body = urlencode(data or {}, doseq=True).encode()
        answer = post(settings.TWILIO_API_URL + url.removeprefix(HOME), sent, body)
        self.after_s = wait_s(answer.headers.get("retry-after"))
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)


def send(account: Account, text: Text) -> Posted:
    """Hands Twilio one text. It has no idempotency key: of an attempt without an answer nobody knows, until its receipt comes to
    the message's own address."""
    connection = Connection()
    client = Client(account.sid, account.token, http_client=connection)
    try:
        made = client.messages.create(**_parameters(account, text))
    except Unreachable as problem:
        return Posted(Fate.LATER if str(problem).startswith(_NEVER_SENT) else Fate.UNCLEAR, f"Twilio: {problem}")
    except (TwilioRestException, TwilioServiceException) as problem:
        return _refused(problem, connection.after_s)
    except (TwilioException, orjson.JSONDecodeError, ValueError, TypeError, AttributeError):
        return Posted(Fate.UNCLEAR, "Twilio answered something else than it promises")
    return Posted(
        Fate.TAKEN,
        provider_id=str(made.sid or "")[:64],
        segments=int(made.num_segments)
        if str(made.num_segments or "").isdecimal() and int(made.num_segments)
        else None,
        cost_micros=micros(made.price) if made.price else None,
    )


def _parameters(account: Account, text: Text) -> dict[str, Any]:
    prefix = "whatsapp:" if text.channel == Channel.WHATSAPP else ""
    service = account.sender.startswith("MG") and len(account.sender) == 34
    sender = {"messaging_service_sid": account.sender} if service else {"from_": prefix + account.sender}
    said: dict[str, Any] = {"body": text.body}
    if prefix and account.template:  # outside of a conversation WhatsApp takes approved templates only
        said = {"content_sid": account.template, "content_variables": orjson.dumps({"1": text.body}).decode()}
    return {"to": prefix + text.to, **sender, **said, **({"status_callback": text.receipts} if text.receipts else {})}


def _refused(problem: TwilioRestException | TwilioServiceException, after_s: float | None) -> Posted:
    code, status = problem.code, problem.status
    detail = f"Twilio answered {status}" + (f" (error {code})" if code and code != status else "")
    if code in _STOPPED:
        return Posted(Fate.STOPPED, detail)
    if code in _NO_SUCH_NUMBER:
        return Posted(Fate.GONE, detail)
    if status == 429 or status >= 500 or code in _LATER:
        return Posted(Fate.LATER, detail, after_s=after_s)
    if 300 <= status < 400:
        return Posted(Fate.REFUSED, f"{detail}; redirects are not followed")
    if status in (401, 403):
        return Posted(Fate.REFUSED, f"{detail}: it does not take this account")
    return Posted(Fate.REFUSED, detail)
