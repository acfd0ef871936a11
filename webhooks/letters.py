"""The letter about a webhook that was disabled (mail/letters.py)."""

from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse

from mail.letters import Letter
from mail.models import Mail
from webhooks.models import Endpoint


def webhook_disabled(mail: Mail) -> Letter | None:
    """Tells an owner; None when it was enabled again or removed since."""
    endpoint = Endpoint.objects.select_related("venue").filter(pk=str(mail.about)).exclude(disabled_at=None).first()
    if endpoint is None:
        return None
    page = mail.origin + reverse("webhook", args=[endpoint.pk]) + "?" + urlencode({"venue": endpoint.venue_id})
    context = {"endpoint": endpoint, "page": page}
    return Letter(
        f"{endpoint.venue.name}: a webhook was disabled", render_to_string("mail/webhook_disabled.txt", context)
    )
