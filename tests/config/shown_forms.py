"""Forms as a browser without scripts shows and sends them, and what is needed to send one that makes something again."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import resolve

from tests.page_client import page


@dataclass
class Shown:
    """A form as a page shows it: where it goes, and what stands in it."""

    action: str
    fields: dict[str, Any]

    @property
    def name(self) -> str:
        """What it does."""
        match = resolve(self.action.partition("?")[0])
        return str(match.kwargs.get("action") or match.url_name)


class Forms(HTMLParser):
    """All forms of a page that are posted."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self.found: list[Shown] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._open = values.get("method") == "post"
            if self._open:
                self.found.append(Shown(values.get("action") or self._path, {}))
        name = values.get("name") or ""
        if tag == "input" and name and self.found and self._open and values.get("type") not in {"radio", "checkbox"}:
            self.found[-1].fields[name] = values.get("value") or ""
        if tag == "button" and values.get("formaction") and self._open:
            self.found.append(Shown(values["formaction"] or "", dict(self.found[-1].fields)))


def forms_on(browser: Client, path: str) -> list[Shown]:
    """Of the page as it is now."""
    parser = Forms(path)
    parser.feed(page(browser, path))
    return parser.found


@dataclass
class Maker:
    """A browser before a form that makes something, the text for it, another text, and how many there are."""

    browser: Client
    path: str
    name: str
    typed: dict[str, Any]
    other: dict[str, Any]
    count: Callable[[], int]

    def show(self) -> Shown:
        """The form, shown anew."""
        [form] = [form for form in forms_on(self.browser, self.path) if form.name == self.name]
        return form

    def send(self, form: Shown, *, other: bool = False, browser: Client | None = None) -> Any:
        """Types the text, and sends it."""
        answer = (browser or self.browser).post(form.action, {**form.fields, **(self.other if other else self.typed)})
        html = answer.content.decode()
        assert answer.status_code in {302, 303} or answer.status_code == 200 and "errornote" not in html, html
        return answer

    def lose(self, form: Shown) -> Any:
        """Sends it; the answer, with the cookies in it, never arrives."""
        before = {name: morsel.value for name, morsel in self.browser.cookies.items()}
        answer = self.send(form)
        self.browser.cookies.clear()
        self.browser.cookies.load(before)
        return answer


def leads_to(answer: Any) -> str:
    """Where the answer leads, or what of the thing made it shows."""
    if answer.status_code != 200:
        return str(answer["Location"])
    shown = sorted(re.findall(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b|\btl_[\w-]+|\bwhsec_[\w+/=]+", answer.content.decode()))
    assert shown
    return " ".join(shown)
