"""The page on which a guest answers how the visit was (decision 0085)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core import clock, rate_limits
from core.errors import Refused
from queues import commands
from queues.models import Party, Queue
from queues.pages.access import guest_page, party_of, ticket_address
from queues.visits import BEST, LONGEST_WORDS
from web.forms import RefusableForm, ShortText

_ANSWERS = {
    1: gettext_lazy("Bad"),
    2: gettext_lazy("Not so good"),
    3: gettext_lazy("All right"),
    4: gettext_lazy("Good"),
    5: gettext_lazy("Very good"),
}


class VisitForm(RefusableForm):
    """One answer, and some words."""

    answer = forms.TypedChoiceField(
        label=gettext_lazy("How was your visit?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Please choose one."),
            "invalid_choice": gettext_lazy("Please choose one."),
        },
    )
    words = ShortText(
        label=gettext_lazy("A few words"),
        max_length=LONGEST_WORDS,
        required=False,
        attrs={"autocomplete": "off"},
    )

    def __init__(self, data: Any = None, *, party: Party) -> None:
        super().__init__(data, initial={"answer": party.answer, "words": party.answer_words})
        self.fields["answer"].choices = [(n, f"{n} · {_ANSWERS[n]}") for n in range(BEST, 0, -1)]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def visit(request: HttpRequest, line: Queue) -> HttpResponse:
    """Asks this browser's seated party (GET), and keeps the answer (POST); then its ticket."""
    party, sent = party_of(request, line), request.method == "POST"
    if party is None or not sent and not (party.status == Party.Status.SERVED and party.may_answer(clock.now())):
        return ticket_address(request, line, party)
    form, status = VisitForm(request.POST if sent else None, party=party), 400 if sent else 200
    if form.is_valid():
        try:
            rate_limits.check(request, rate_limits.ACT, "act", str(line.pk))
            commands.answer_visit(line.pk, party_id=party.pk, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        else:
            messages.success(request, _("Thank you for your answer."))
            return ticket_address(request, line, party)
    return render(request, "guest/visit.html", {"line": line, "party": party, "form": form}, status=status)
