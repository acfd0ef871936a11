"""The weekly mail: the switch on the page of reports, and the page of the link that ends it."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from analytics import commands
from analytics.letters import proves
from analytics.models import WeeklyMail
from core.languages import in_readers_language
from venues.models import Membership
from venues.origins import origin_of
from venues.owner_pages import Desk, at_desk
from venues.roles import Right
from web.redirects import SeeOther


class WeeklyMailForm(forms.Form):
    """In which language the mail comes."""

    language = forms.ChoiceField(label="Language", choices=settings.LANGUAGES)


def mail_of(desk: Desk) -> WeeklyMail | None:
    """The weekly mail that the person gets about this venue."""
    return WeeklyMail.objects.filter(membership__user=desk.person, membership__venue=desk.venue).first()


def form_for(desk: Desk, *, language: str) -> WeeklyMailForm:
    """The form as it stands; `language`: what is proposed to one who gets no mail yet."""
    mail = mail_of(desk)
    return WeeklyMailForm(initial={"language": mail.language if mail else language})


@require_POST
@at_desk(Right.REPORTS)
def choose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """POST /venue/reports/mail: sends the person the weekly mail from now on, or (`end`) no more of it."""
    form = WeeklyMailForm(request.POST)
    mail = mail_of(desk)
    if "end" in request.POST:
        if mail is not None:
            commands.end_weekly_mail(mail.pk)
        messages.success(request, "You get no weekly mail any more.")
    elif form.is_valid():
        member = Membership.objects.select_related("venue").get(user=desk.person, venue=desk.venue)
        language = form.cleaned_data["language"]
        commands.choose_weekly_mail(member, language=language, origin=origin_of(request))
        messages.success(request, f"The weekly mail goes to {desk.person.email}.")
    else:
        messages.error(request, "Choose one of the languages.")
    return SeeOther(desk.path("venue-reports"))


# Mail programs post without a cookie (RFC 8058); the link is the proof.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_readers_language
def end(request: HttpRequest, mail_id: UUID, proof: str) -> HttpResponse:
    """/mail/weekly/ID/PROOF: a page with a button; a POST ends the mail, also a second time. 404 for a link that is not ours."""
    if not proves(proof, mail_id):
        raise Http404("not a link of ours")
    if request.method == "POST":
        commands.end_weekly_mail(mail_id)
    mail = WeeklyMail.objects.select_related("membership__venue").filter(pk=mail_id).first()
    return render(request, "mail/end.html", {"venue": mail.membership.venue if mail else None})
