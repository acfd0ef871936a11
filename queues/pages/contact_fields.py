"""The boxes in which guests type where they are reached: at the join, and on the ticket."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from queues.contacts import LONGEST_EMAIL, LONGEST_NUMBER
from queues.models import Queue
from web.forms import ShortText


class NumberBox(ShortText):
    """A mobile number, which may be left out."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "tel", "inputmode": "tel", "type": "tel"}
        super().__init__(label=_("Mobile number"), max_length=LONGEST_NUMBER, required=False, attrs=attrs, **options)


class EmailBox(ShortText):
    """An e-mail address, which may be left out."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(label=_("E-mail"), max_length=LONGEST_EMAIL, required=False, attrs=attrs, **options)


def say_remembered(form: forms.Form, line: Queue) -> None:
    """Says beside the form's number, if it asks for one, that the venue keeps a history of its guests, if it does."""
    if "number" in form.fields and line.venue is not None and line.venue.guest_history:
        remembered = _("For news of your place. This restaurant remembers the number and your visits.")
        form.fields["number"].help_text = remembered
