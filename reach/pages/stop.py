"""The page of the link in each e-mail to a guest, which ends them."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.languages import in_readers_language
from reach import commands
from reach.models import Contact, Message
from reach.stopping import proves


# Mail programs post without a cookie (RFC 8058); the link is the proof.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_readers_language
def stop_email(request: HttpRequest, message_id: UUID, proof: str) -> HttpResponse:
    """/mail/reach/ID/PROOF: a page with a button; a POST forgets the address, also a second time. 404 for a link not ours."""
    if not proves(proof, message_id):
        raise Http404("not a link of ours")
    message = Message.objects.filter(pk=message_id).first()
    if request.method == "POST" and message is not None:
        commands.forget_email(message.queue_id, party_id=message.party_id)
    wanted = message is not None and Contact.objects.filter(party_id=message.party_id).exclude(email="").exists()
    return render(request, "guest/stop_email.html", {"wanted": wanted})
