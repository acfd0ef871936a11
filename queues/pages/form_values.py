"""What the form of a console's button says: of which party, what the host saw, numbers."""

from django.http import QueryDict

from core.errors import Invalid, existing
from core.identifiers import as_uuid
from queues.refusals import NOT_IN_LINE


def party(data: QueryDict) -> str:
    """The party a button is about. Raises NotFound for what is no id."""
    return known_id(data.get("party", ""))


def parties(data: QueryDict) -> list[str]:
    """The parties a button is about. Raises NotFound where one is no id."""
    return [known_id(text) for text in data.getlist("party")]


def tables(data: QueryDict) -> list[int]:
    """The tables a button is about, joined ones as 3-4. Raises Invalid for what are no numbers."""
    return [number(each, "table") for text in data.getlist("table") for each in text.split("-")]


def known_id(text: str) -> str:
    """A party's id, in its canonical form. Raises NotFound for what is none."""
    return str(existing(as_uuid(text), NOT_IN_LINE))


def saw(data: QueryDict) -> str:
    """What the form showed of the thing that its button is about (queues/seen.py); a page from an older release says nothing."""
    return data.get("saw", "")


def saw_status(data: QueryDict) -> str:
    """Of a party: its status, where it does not matter until when it is called."""
    return saw(data).partition("-")[0]


def whole(data: QueryDict, name: str) -> int:
    """A number from a hidden field. Raises Invalid."""
    return number(data.get(name, ""), name)


def number(text: str, name: str) -> int:
    """A number from a field of this name. Raises Invalid."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Invalid(f"{name} must be a whole number.", field=name)
    return int(text)
