"""Idempotency of forms that make something: a person sends them again when the answer was lost (decision 0041).

A cookie for each such form holds a random number. The answer to a form that was carried out changes it: a browser that still
sends the old number has not seen the answer. The same text with the same number is therefore the same thing, from any page: one
loaded anew, another tab, the back button. After an answer the same text is another thing.

The key in the form identifies one rendering of it. It tells a form that was answered and is sent again (back button, a restored
page) from another rendering, and is all there is in a browser without the cookie.
"""

import re
import secrets
from dataclasses import dataclass
from typing import ClassVar
from uuid import uuid4

from django.http import HttpRequest

from core.hashing import keyed
from core.identifiers import as_uuid
from web import browsers, idempotency

KEY_FIELD = "key"
# Not typed by the person: CSRF tokens, keys, what the page showed, and the button that was pressed. Passwords are left out, too.
_UNTYPED = frozenset(
    {
        "csrfmiddlewaretoken",
        KEY_FIELD,
        "saw",
        "press",
        "over_capacity",
        "hand_over",
        "_save",
        "_addanother",
        "_continue",
        "_popup",
        "_to_field",
    }
)
# A person without an answer sends again within this time; after it the same text is another thing.
_AGE_S = 24 * 3600
_MOST_ANSWERED = 8
_OURS = re.compile(rf"[0-9a-f]{{16}}(?:\.[0-9a-f]{{12}}-[0-9a-f]{{16}}){{0,{_MOST_ANSWERED}}}")


@dataclass(frozen=True, slots=True)
class Sent:
    """The cookie of one form: the next number, and for each answered rendering of the form the number it was sent with, oldest
    first."""

    # The number of a rendering that was sent without one.
    NONE: ClassVar[str] = "0" * 16

    number: str
    answered: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, cookie: str) -> "Sent | None":
        """From a cookie's value; None when it is not of our format."""
        if not _OURS.fullmatch(cookie):
            return None
        number, *answered = cookie.split(".")
        return cls(number, tuple((each[:12], each[13:]) for each in answered))

    def written(self) -> str:
        """As a cookie's value."""
        return ".".join([self.number, *(f"{showing}-{number}" for showing, number in self.answered)])


@dataclass(frozen=True, slots=True)
class Form:
    """A form that makes something. `name` and `path` are its cookie's."""

    name: str
    path: str

    def offer(self, request: HttpRequest) -> None:
        """Sets the cookie: the page that answers this request has the form."""
        if self._kept(request) is None:
            self._keep(request, Sent(_new_number()))

    def key(self, request: HttpRequest, *, about: object = "") -> str:
        """The idempotency key of the form that was sent, for a command; an empty string where neither the form nor the browser
        has one. `about`: what else the thing belongs to that is made, e.g. the line's id.
        """
        kept, form_key = self._kept(request), _form_key(request)
        number = dict(kept.answered).get(_showing(form_key), kept.number) if kept else Sent.NONE
        if number == Sent.NONE:
            return idempotency.of_form(request, form_key) if form_key else ""
        typed = {name: text for name, text in _typed(request).items() if text}
        return idempotency.of_form(request, f"{number}\n{about}\n{idempotency.fingerprint(typed)}")

    def answered(self, request: HttpRequest) -> None:
        """Changes the number: the form was carried out, and the answer to this request says so."""
        kept, form_key = self._kept(request), _form_key(request)
        showing = _showing(form_key)
        before = kept.answered if kept else ()
        if not form_key and kept:
            self._keep(request, Sent(_new_number(), before))
        elif form_key and showing not in dict(before):
            sent_with = kept.number if kept else Sent.NONE
            self._keep(request, Sent(_new_number(), (*before, (showing, sent_with))[-_MOST_ANSWERED:]))

    def _kept(self, request: HttpRequest) -> Sent | None:
        return Sent.read(request.COOKIES.get(self.name, ""))

    def _keep(self, request: HttpRequest, sent: Sent) -> None:
        browsers.give(request, self.name, sent.written(), path=self.path, age_s=_AGE_S)


def new_form_key() -> str:
    """A key for one rendering of a form."""
    return str(uuid4())


def _new_number() -> str:
    return secrets.token_hex(8)


def _form_key(request: HttpRequest) -> str:
    sent = request.POST.get(KEY_FIELD, "").strip()
    return str(as_uuid(sent) or sent)


def _showing(form_key: str) -> str:
    return keyed("form.showing", form_key).hex()[:12]


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    """What a person typed, without empty fields: a page loaded anew may have another number of them."""
    lists = {name: values for name, values in request.POST.lists() if name not in _UNTYPED and "password" not in name}
    return {name: [text for value in values if (text := str(value).strip())] for name, values in lists.items()}
