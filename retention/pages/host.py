"""What is kept of one guest, for a host: to be shown to the guest, as a file, or erased with a reason."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core.actors import Actor
from queues.models import Queue
from queues.pages.access import host_only, party_at
from retention import commands, selectors, table
from retention.pages.guest import as_file, context_of
from retention.rules import REASONS
from web.forms import RefusableForm
from web.redirects import SeeOther


class EraseForm(RefusableForm):
    """Why the guest is erased. There is no free text: it would be one more place for names."""

    reason = forms.ChoiceField(label="Why?", choices=[("", "Choose …"), *REASONS.items()])
    same_number = forms.BooleanField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@host_only
def data(request: HttpRequest, line: Queue, actor: Actor, ticket: int) -> HttpResponse:
    """All that is kept of the guest with this ticket; a POST erases it, for a reason."""
    party = party_at(line, ticket)
    # Parties of other lines only for a host who is signed in: a token or a tablet is good for this line.
    others = selectors.same_number(party) if actor.user_id is not None else []
    form = EraseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason, every = form.cleaned_data["reason"], bool(others) and form.cleaned_data["same_number"]
        erase = commands.erase_guest if every else commands.erase_party
        if form.carried_out(lambda: erase(line.pk, party_id=party.pk, reason=reason, actor=actor)):
            also = f", and of {len(others)} more with the same number" if every else ""
            messages.success(request, f"All that was personal of #{ticket} is erased{also}.")
            return SeeOther(reverse("host-guest-data", args=[line.code, ticket]))
    context = {**context_of(line, party, table.export(party)), "form": form, "others": others}
    return render(request, "host/guest_data.html", context, status=400 if form.errors else 200)


@require_POST
@host_only
def file(request: HttpRequest, line: Queue, actor: Actor, ticket: int) -> HttpResponse:
    """The same as a file of JSON, for the guest."""
    party = party_at(line, ticket)
    return as_file(party, table.export(party))
