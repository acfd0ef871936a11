"""What providers tell us over HTTP: texts of guests, and receipts. Each proves itself by its signature, and each once.

The address is that of the site as the owner who set the texts up reached it: a proxy may have changed what a request says.
"""

import logging
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from core import rate_limits
from core.errors import Forbidden, Invalid, Refused
from core.identifiers import as_uuid
from outbox.signing import is_signed
from reach import answering, inbound, text_receipts
from reach.call_bodies import GatewayCall
from reach.commands import heard
from reach.providers import Channel, micros, reason
from reach.refusals import NOT_SIGNED
from reach.text_models import Provider
from web import bodies

logger = logging.getLogger(__name__)

_ARRIVED = {"delivered": True, "read": True, "failed": False, "undelivered": False}
_STOPPED = "21610"

View = Callable[[HttpRequest, Provider], HttpResponse]


def _of_provider(
    kind: Provider.Kind, proves: Callable[[HttpRequest, Provider], bool]
) -> Callable[..., Callable[..., HttpResponse]]:
    """Calls the view for a signed call of a provider of this kind; refusals are JSON."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt  # programs call it; the signature is the proof
        @require_POST
        @wraps(view)
        def call(request: HttpRequest, provider: UUID, **path: UUID) -> HttpResponse:
            try:
                rate_limits.check(request, rate_limits.PROVIDER, "texts", str(provider))
                row = inbound.provider_by(provider)
                if row is None or row.kind != kind:
                    raise Http404("no such provider")
                if not proves(request, row):
                    raise Forbidden(NOT_SIGNED)
                return view(request, row, **path)
            except Refused as refused:
                return JsonResponse(refused.view(request.path), status=refused.status, headers=refused.headers)

        return call

    return decorate


def _by_twilio(request: HttpRequest, provider: Provider) -> bool:
    signature = request.headers.get("X-Twilio-Signature", "")
    url = provider.origin + request.get_full_path()
    return bool(RequestValidator(provider.token).validate(url, request.POST, signature))


def _by_gateway(request: HttpRequest, provider: Provider) -> bool:
    return is_signed(request.body, request.headers, provider.secret)


@_of_provider(Provider.Kind.TWILIO, _by_twilio)
def twilio_heard(request: HttpRequest, provider: Provider) -> HttpResponse:
    """A guest wrote to the venue's number at Twilio; answered in TwiML."""
    form = request.POST
    if not (outside_id := form.get("MessageSid", "")):
        raise Invalid("is required.", field="MessageSid", named=True)
    sender = form.get("From", "")
    text = inbound.Heard(
        id=outside_id,
        number=sender.removeprefix("whatsapp:"),
        text=form.get("Body", ""),
        channel=Channel.WHATSAPP if sender.startswith("whatsapp:") else Channel.SMS,
        answered="OptOutType" in form,
    )
    answer = answering.to(provider, text)
    reply = MessagingResponse()
    if answer:
        reply.message(answer)
    return HttpResponse(str(reply), content_type="text/xml")


@_of_provider(Provider.Kind.TWILIO, _by_twilio)
def twilio_receipt(request: HttpRequest, provider: Provider, message: UUID) -> HttpResponse:
    """What became of one text."""
    form = request.POST
    status, code = form.get("MessageStatus", ""), form.get("ErrorCode", "")
    receipt = text_receipts.Receipt(
        key=message,
        provider_id=form.get("MessageSid", "")[:64],
        arrived=_ARRIVED.get(status),
        detail=f"{status[:20]} (error {code[:8]})" if code else status[:20],
        cost_micros=micros(form["Price"]) if form.get("Price") else None,
    )
    known = text_receipts.take(provider, receipt)
    if known and code == _STOPPED:
        heard.stop(venue_id=provider.venue_id, number=form.get("To", "").removeprefix("whatsapp:"))
    return HttpResponse(status=204)


@_of_provider(Provider.Kind.GATEWAY, _by_gateway)
def gateway_says(request: HttpRequest, provider: Provider) -> HttpResponse:
    """What a gateway tells (docs/contracts/sms-gateway.md)."""
    said = bodies.read(GatewayCall, request.body)
    if said.type == "message.received":
        return JsonResponse(_received(provider, said, request.headers["webhook-id"]))
    if (key := as_uuid(said.id)) is None:
        raise Invalid("must be the id of a message.", field="id", named=True)
    arrived = said.type == "message.delivered"
    detail = reason(said.error) or ("" if arrived else "failed")
    cost = micros(said.cost) if said.cost else None
    text_receipts.take(
        provider,
        text_receipts.Receipt(key=key, provider_id=str(key), arrived=arrived, detail=detail, cost_micros=cost),
    )
    return JsonResponse({})


def _received(provider: Provider, said: GatewayCall, outside_id: str) -> dict[str, str]:
    if not said.number:
        raise Invalid("is required.", field="from", named=True)
    channel = Channel.WHATSAPP if str(said.channel) == Channel.WHATSAPP.value else Channel.SMS
    text = inbound.Heard(id=outside_id, number=said.number, text=said.text, channel=channel)
    answer = answering.to(provider, text)
    return {"reply": answer} if answer else {}
