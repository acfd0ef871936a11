"""What an owner types about texts."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django import forms

from reach.commands.spending import WARNED_AT
from reach.commands.texts import Texts
from reach.providers import MICROS
from reach.text_models import LONGEST_SENDER, LONGEST_URL, Provider
from venues.models import Venue
from web.forms import ShortText
from web.settings_form import SettingsForm


class Money(forms.DecimalField):
    """An amount of the provider's currency."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_digits=9, decimal_places=4, **options)
        self.widget.attrs |= {"inputmode": "decimal", "step": "any"}


class TextsForm(SettingsForm):
    """The settings of texts. The token is written, never shown. `row`: None while nothing is set up."""

    # The token's mark says that another one is kept, and not which.
    SHOWN = tuple(each.name for each in fields(Texts))

    kind = forms.ChoiceField(label="Who carries your texts?", choices=Provider.Kind.choices, widget=forms.RadioSelect)
    sid = ShortText(
        label="Account SID", required=False, max_length=40, attrs={"autocomplete": "off", "placeholder": "AC…"}
    )
    token = forms.CharField(
        label="Auth token",
        required=False,
        max_length=80,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    url = ShortText(
        label="Address of the gateway",
        required=False,
        max_length=LONGEST_URL,
        attrs={"inputmode": "url", "autocapitalize": "none", "placeholder": "https://sms.example.com/send"},
    )
    sender = ShortText(
        label="Sender of SMS", required=False, max_length=LONGEST_SENDER, attrs={"placeholder": "+15550100006"}
    )
    whatsapp_sender = ShortText(
        label="Sender of WhatsApp", required=False, max_length=LONGEST_SENDER, attrs={"placeholder": "+15550100006"}
    )
    whatsapp_template = ShortText(
        label="Template of WhatsApp", required=False, max_length=40, attrs={"placeholder": "HX…", "autocomplete": "off"}
    )
    quiet_from = forms.TimeField(label="Quiet from", required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    quiet_until = forms.TimeField(label="Quiet until", required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    currency = ShortText(label="Currency", max_length=3, attrs={"autocapitalize": "characters"})
    price = Money(label="Price of one SMS", help_text="Until the provider has said what a text costs.")
    cap = Money(
        label="At most a day", required=False, help_text=f"Then no text goes out. You get a mail at {WARNED_AT:.0%}."
    )

    prove_numbers = forms.BooleanField(
        label="Numbers are proven by a code",
        required=False,
        help_text="Each guest who gives a number gets one text more, with a code. Until they type it, nothing else goes there.",
    )

    def __init__(self, data: Any = None, *, venue: Venue) -> None:
        self._venue = venue
        super().__init__(data, row=_kept(venue))

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return initial(self.row)

    def values(self) -> dict[str, Any]:
        """What stands now, as the command notes its changes."""
        row = self.row or Provider()
        return {name: getattr(row, name) for name in self.SHOWN}

    def read_again(self) -> None:
        """Reads the row again; another person may have made or removed it."""
        self.row = _kept(self._venue)

    def texts(self) -> Texts:
        """Of a valid form, what the command takes."""
        data = dict(self.cleaned_data)
        del data["saw"]
        price, cap = data.pop("price"), data.pop("cap")
        data["currency"] = data["currency"].upper()
        return Texts(price_micros=int(price * MICROS), cap_micros=None if cap is None else int(cap * MICROS), **data)


def _kept(venue: Venue) -> Provider | None:
    return Provider.objects.filter(venue=venue).first()


def initial(row: Provider | None) -> dict[str, Any]:
    """What the form shows of what is kept."""
    if row is None:
        return {"kind": "twilio", "currency": "USD", "price": "0.05"}
    names = ("kind", "sid", "url", "sender", "whatsapp_sender", "whatsapp_template", "currency", "prove_numbers")
    times = {name: f"{at:%H:%M}" for name in ("quiet_from", "quiet_until") if (at := getattr(row, name)) is not None}
    cap = None if row.cap_micros is None else money(row.cap_micros)
    return {name: getattr(row, name) for name in names} | times | {"price": money(row.price_micros), "cap": cap}


def money(micros: int) -> str:
    """An amount with two places, or as many more as it needs."""
    text = f"{Decimal(micros) / MICROS:.4f}"
    while text.endswith("0") and len(text.partition(".")[2]) > 2:
        text = text[:-1]
    return text
