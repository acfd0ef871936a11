"""The letter that most of a day's texts is spent (mail/letters.py)."""

from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse

from mail.letters import Letter
from mail.models import Mail
from reach.providers import MICROS
from reach.text_models import Provider, Spent


def texts_cost(mail: Mail) -> Letter | None:
    """Tells an owner; None when texts were switched off since, or have no limit any more."""
    provider = Provider.objects.select_related("venue").filter(venue=mail.about).first()
    spent = Spent.objects.filter(venue=mail.about, day=mail.day).first() if mail.day else None
    if provider is None or provider.cap_micros is None or spent is None:
        return None
    page = mail.origin + reverse("texts") + "?" + urlencode({"venue": provider.venue_id})
    context = {
        "venue": provider.venue,
        "spent": f"{spent.micros / MICROS:.2f} {provider.currency}",
        "cap": f"{provider.cap_micros / MICROS:.2f} {provider.currency}",
        "page": page,
    }
    text = render_to_string("mail/texts_cost.txt", context)
    return Letter(f"{provider.venue.name}: most of today’s texts is spent", text)
