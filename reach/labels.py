"""What ways are called on pages: in a guest's words, and in a host's."""

from django.utils.translation import gettext_lazy as _

from reach.ways import PAGE, WAYS

GUEST_LABELS = {
    "push": _("Notification on this phone"),
    "sms": _("Text message (SMS)"),
    "whatsapp": _("WhatsApp"),
    "email": _("E-mail"),
}


def for_guests(name: str) -> str:
    """A way's name on a guest's page."""
    return str(GUEST_LABELS.get(name, name))


def for_hosts(name: str) -> str:
    """A way's name on a host's page."""
    if name == PAGE:
        return "Ticket page"
    return WAYS[name].label if name in WAYS else name
