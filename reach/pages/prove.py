"""A guest proves a number by the code that was sent there: on the ticket, or, without scripts, on a second page."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core import clock, rate_limits
from core.errors import NotFound, Refused
from queues.models import Party, Queue
from queues.pages.access import TICKET, guest_page, party_of, ticket_address
from reach import commands, proofs
from reach.models import Contact
from web.forms import FormKey, RefusableForm, ShortText
from web.idempotency import of_form
from web.redirects import SeeOther

NUMERIC = {"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 \\-]*", "placeholder": "123456"}


class CodeForm(RefusableForm):
    """The code."""

    code = ShortText(label=_("Code from the text message"), max_length=20, attrs=NUMERIC)


class SendForm(forms.Form):
    """That the code is to be sent again."""

    key = FormKey()


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def prove(request: HttpRequest, line: Queue) -> HttpResponse:
    """/queue/CODE/reach/code: asks for the code, and takes it; then the ticket."""
    party = party_of(request, line)
    if party is None or party.status not in Party.IN_LINE:
        return ticket_address(request, line, party)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.carried_out(lambda: _prove(request, line, party, form.cleaned_data["code"])):
        messages.success(request, gettext("Thank you. News of your place comes to your number."))
        return ticket_address(request, line, party)
    return _page(request, line, party, form, 400 if form.errors else 200)


def _page(request: HttpRequest, line: Queue, party: Party, form: CodeForm, status: int) -> HttpResponse:
    contact = Contact.objects.filter(party=party).first()
    proof = proofs.state_of(party, contact, now=clock.now())
    if not proof.wanted:
        return ticket_address(request, line, party)
    context = {"line": line, "party": party, "form": form, "proof": proof, "send": SendForm()}
    return render(request, "guest/prove.html", context, status=status)


def _prove(request: HttpRequest, line: Queue, party: Party, code: str) -> None:
    rate_limits.check(request, rate_limits.TYPE_CODE, "type-code", str(line.pk))
    try:
        commands.prove(line.pk, party_id=party.pk, code=code)
    except NotFound:  # the ticket shows how its place ended
        return


@require_POST
@guest_page
def send(request: HttpRequest, line: Queue) -> HttpResponse:
    """Has the code sent again; then the page that asks for it."""
    party, form = party_of(request, line), SendForm(request.POST)
    if party is None:
        return ticket_address(request, line, party)
    try:
        rate_limits.check(request, rate_limits.SEND_CODE, "send-code", str(line.pk))
        key = of_form(request, form.cleaned_data["key"]) if form.is_valid() else ""
        commands.send_code(line.pk, party_id=party.pk, key=key)
        messages.success(request, gettext("The code is on its way."))
    except NotFound:
        return ticket_address(request, line, party)
    except Refused as refused:
        messages.error(request, refused.in_words())
    return SeeOther(f"{reverse('prove-number', args=[line.code])}?{TICKET}={party.ticket}")
