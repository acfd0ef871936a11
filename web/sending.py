"""Forms of our pages that make something, and that a person sends again because the answer was lost (decision 0041).

A browser keeps, in a cookie for each such form, a number for what it sends next. The answer to a form that was carried out
changes the number: a browser that still sends the old one has not seen the answer. The same text with the same number is
therefore the same thing, from whichever page it comes: the page loaded anew, another tab, the way back. After an answer the same
text is meant as another thing.

The key in the form itself belongs to one showing of it. It tells a form that was answered and is sent once more (the way back, a
page that is restored) from another showing, and it is all there is in a browser that sends no such cookie.
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
# What is no part of what was typed: proofs, keys, what the page showed, and which of its buttons was pressed. Nor are passwords.
_UNTYPED = frozenset(
    {
        "csrfmiddlewaretoken",
        KEY_FIELD,
        "saw",
        "over_capacity",
        "_save",
        "_addanother",
        "_continue",
        "_popup",
        "_to_field",
    }
)
# Until then a person who had no answer sends again; the next day the same text is meant anew.
_AGE_S = 24 * 3600
_MOST_ANSWERED = 8
_OURS = re.compile(rf"[0-9a-f]{{16}}(?:\.[0-9a-f]{{12}}-[0-9a-f]{{16}}){{0,{_MOST_ANSWERED}}}")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser keeps of one form: the number it sends next, and with which number each showing of the form that was
    answered had been sent, oldest first."""

    # Of a showing that was sent without a number.
    NONE: ClassVar[str] = "0" * 16

    number: str
    answered: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, cookie: str) -> "Sent | None":
        """From a cookie's value; None for one that we did not write."""
        if not _OURS.fullmatch(cookie):
            return None
        number, *answered = cookie.split(".")
        return cls(number, tuple((each[:12], each[13:]) for each in answered))

    def written(self) -> str:
        """As a cookie's value."""
        return ".".join([self.number, *(f"{showing}-{number}" for showing, number in self.answered)])


@dataclass(frozen=True, slots=True)
class Form:
    """A form that makes something. `name`: its cookie's; `path`: where the browser shows the cookie."""

    name: str
    path: str

    def offer(self, request: HttpRequest) -> None:
        """The page that answers this request shows the form."""
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
        """The form was carried out, and the answer to this request says so: what comes next is another thing."""
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
    """A key for one showing of a form."""
    return str(uuid4())


def _new_number() -> str:
    return secrets.token_hex(8)


def _form_key(request: HttpRequest) -> str:
    sent = request.POST.get(KEY_FIELD, "").strip()
    return str(as_uuid(sent) or sent)


def _showing(form_key: str) -> str:
    return keyed("form.showing", form_key).hex()[:12]


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    """What a person said, without boxes that are left empty: a page loaded anew may have another number of them."""
    lists = {name: values for name, values in request.POST.lists() if name not in _UNTYPED and "password" not in name}
    return {name: [text for value in values if (text := str(value).strip())] for name, values in lists.items()}
