"""Where and how a guest is told, chosen on the ticket."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core import rate_limits
from core.errors import NotFound
from core.languages import locale_of
from queues import contacts
from queues.models import Party, Queue
from queues.pages.access import guest_page, party_of, ticket_address
from queues.pages.contact_fields import EmailBox, NumberBox, say_remembered
from reach import channels, commands
from reach.labels import for_guests
from reach.models import Contact
from reach.ways import WAYS
from venues.origins import origin_of
from web.forms import RefusableForm

# The field of each place, and its label. A guest who wants one way alone leaves the others out.
PLACES = (
    ("first", _("Tell me first by")),
    ("second", _("Then by")),
    ("third", _("Then by")),
    ("fourth", _("Then by")),
)


class WaysForm(RefusableForm):
    """A number and an address, where the venue has ways for them, and the ways in the guest's order."""

    NAMES: ClassVar = {"ways": PLACES[0][0]}

    number = NumberBox()
    email = EmailBox()

    def __init__(self, data: Any = None, *, line: Queue, kept: Contact) -> None:
        self.offered = [name for name in channels.of_venue(line.venue_id).ways if name in WAYS]
        ways = channels.in_order(kept.ways, self.offered, number=True, email=True)
        places = dict(zip(self._names(), ways, strict=False))
        super().__init__(data, initial={"number": kept.number, "email": kept.email, **places})
        needed = channels.addresses(self.offered)
        for name in ("number", "email"):
            if name not in needed:
                del self.fields[name]
        say_remembered(self, line)
        choices = [(name, for_guests(name)) for name in self.offered]
        nothing = ("", _("Nothing more"))
        for n, name in enumerate(self._names()):
            field = forms.ChoiceField(label=PLACES[n][1], choices=[nothing, *choices] if n else choices, required=False)
            self.fields[name] = field

    def _names(self) -> list[str]:
        """The fields of the places: as many as the venue has ways."""
        return [name for name, _label in PLACES[: len(self.offered)]]

    @property
    def places(self) -> list[Any]:
        """The boxes of the ways, in order."""
        return [self[name] for name in self._names()]

    def ways(self) -> list[str]:
        """The ways that were chosen, in order, each once. None: the venue's."""
        chosen = (self.cleaned_data[name] for name in self._names())
        return list(dict.fromkeys(name for name in chosen if name))


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def choose(request: HttpRequest, line: Queue) -> HttpResponse:
    """/queue/CODE/reach: the choice of this browser's party in line; then its ticket."""
    party = party_of(request, line)
    if party is None or party.status not in Party.IN_LINE or contacts.offered(line) == contacts.Offered():
        return ticket_address(request, line, party)
    kept = Contact.objects.filter(party=party).first() or Contact(party=party)
    form = WaysForm(request.POST if request.method == "POST" else None, line=line, kept=kept)
    if form.is_valid() and form.carried_out(lambda: _choose(request, line, party, form)):
        return ticket_address(request, line, party)
    context = {"line": line, "party": party, "form": form}
    return render(request, "guest/reach.html", context, status=400 if form.errors else 200)


def _choose(request: HttpRequest, line: Queue, party: Party, form: WaysForm) -> None:
    rate_limits.check(request, rate_limits.CONTACT, "contact", str(line.pk))
    typed = {name: form.cleaned_data.get(name, "") for name in ("number", "email")}
    language, origin = locale_of(request), origin_of(request)
    try:
        commands.change_contact(line.pk, party_id=party.pk, ways=form.ways(), language=language, origin=origin, **typed)
    except NotFound:  # the ticket shows how its place ended
        return
