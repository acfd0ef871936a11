"""What ways are called on guests' pages."""

from django.utils.translation import gettext_lazy as _

GUEST_LABELS = {
    "push": _("Notification on this phone"),
    "sms": _("Text message (SMS)"),
    "whatsapp": _("WhatsApp"),
    "email": _("E-mail"),
}


def for_guests(name: str) -> str:
    """A way's name on a guest's page."""
    return str(GUEST_LABELS.get(name, name))
