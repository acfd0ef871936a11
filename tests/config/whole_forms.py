"""Forms of a page with all that stands in them, as a browser without scripts would send them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.urls import resolve

_UNSENT = {"submit", "button", "file", "reset", "image"}


@dataclass
class Whole:
    """A form: where it goes, and what would be sent, by the names of its controls."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its route; of a page with several actions, the action's."""
        match = resolve(self.action.partition("?")[0])
        return str(match.kwargs.get("action") or match.view_name)

    def typed(self, values: Mapping[str, object]) -> dict[str, object]:
        """What is sent when a person typed these values over what stands in it."""
        return {**self.fields, **values}


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.found = path, list[Whole]()
        self.form: Whole | None = None
        self.select, self.chosen = "", list[str]()
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, kind = given.get("name") or "", given.get("type")
        if tag == "form" and (given.get("method") or "").lower() == "post":
            self.form = Whole(given.get("action") or self.path)
            self.found.append(self.form)
        elif self.form is None:
            return
        elif tag == "input" and name and kind not in _UNSENT:
            box = kind in {"radio", "checkbox"}
            if not box or "checked" in given:
                self.form.fields.setdefault(name, []).append(given.get("value") or ("on" if box else ""))
        elif tag == "select":
            self.select, self.chosen = name, []
        elif tag == "option" and self.select and ("selected" in given or not self.chosen):
            self.chosen = [given.get("value") or ""]
        elif tag == "textarea":
            self.area = name
            self.form.fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.area and self.form is not None:
            self.form.fields[self.area][0] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select" and self.form is not None and self.select:
            self.form.fields[self.select] = self.chosen
            self.select = ""
        elif tag == "textarea":
            self.area = ""


def whole_forms(html: str, path: str) -> list[Whole]:
    """All forms of a page that are posted."""
    reader = _Reader(path)
    reader.feed(html)
    return reader.found
