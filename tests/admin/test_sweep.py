"""Generated bodies and queries for every page and every part of the admin, by each kind of person: no 5xx, no exception.

`make test` takes a sample that is the same each time, and of each page's persons one sends bodies; `make faults` (FAULTS_FULL=1)
takes many more, of all.
"""

import html
import random
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.core.signals import got_request_exception
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from polls.models import Poll
from queues.models import Party, Queue
from rooms.models import Room
from tests.admin.conftest import Everything
from tests.installation import FULL
from venues.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything"), pytest.mark.faults]
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
FORM = "application/x-www-form-urlencoded"
# Of a field: too long, no text, no number, no id, another's id, bytes that are no UTF-8, what formats and markup begin with.
NASTY = (
    "", " ", "\x00", "a\x00b", "x" * 256, "x" * 5_000, "é" * 300, "\u202eabc", "\ufeff", "💥" * 90, "-1", "0", "1.5", "1e999",
    "9" * 40, str(2**31), str(2**63), "NaN", "Infinity", "null", "true", "[]", "{}", "None", "2026-13-45", "25:61", "0001-01-01",
    "9999-12-31T23:59:59Z", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "g" * 36,
    "%s%n", "'\"><",
    "../../etc/passwd", "=1+1", "\r\nX: y", "١٢٣", "²", "a,b,,c", ",", "~", "__proto__", "x@" + "y" * 300 + ".example",
)  # fmt: skip
# Bytes as a browser would never send them: escaped surrogates, half characters, an unfinished escape.
RAW = (b"%ED%A0%80", b"%FF%FE", b"%C3", b"%", b"%zz", b"\xff\xfe", b"%F4%90%80%80", b"+", b"%00")
BODIES: tuple[tuple[bytes, str], ...] = (
    (b"", FORM),
    (b"", "text/plain"),
    (b"{}", "application/json"),
    (b"[[[", "application/json"),
    (b"x=%FF", FORM + "; charset=no-such-charset"),
    (b"x=1", FORM + "; charset=utf-16"),
    (b"--b\r\n", "multipart/form-data; boundary=b"),
    (b"x", "multipart/form-data"),
    (
        b'--b\r\nContent-Disposition: form-data; name="x"; filename="\x00"\r\n\r\ny\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    (b"&".join(b"a=1" for _ in range(1_500)), FORM),
)
ACTION_QUERIES = ("o", "p", "q", "all", "e", "_popup", "_to_field", "_changelist_filters", "pk__in", "id", "id__exact", "status",
                  "status__exact", "name__regex", "o__o", "venue__id__exact", "is_staff__exact")  # fmt: skip


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every path that is no API's and no admin's, as written in urlpatterns."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            if not route.startswith(("api", "^api", "admin", "^admin")) and "(" not in route:
                yield route
        elif not route.startswith(("admin", "api")):
            yield from routes(each, route)


ROUTES = sorted(set(routes()))


class Persons:
    """Who asks, and how it went."""

    def __init__(self, boss: User, signed_in: Callable[[User], Client]) -> None:
        host = User.objects.get(email="eve@example.com")
        self.clients = {"nobody": Client(), "host": signed_in(host), "boss": signed_in(boss)}
        for client in self.clients.values():
            client.raise_request_exception = False
        self.problems: list[str] = []
        self.asked = 0

    def ask(self, who: str, method: str, path: str, body: bytes = b"", kind: str = FORM) -> Any:
        """One request; a 5xx is kept with its exception."""
        raised: list[BaseException] = []

        def note(**_: Any) -> None:
            raised.append(sys.exc_info()[1] or RuntimeError("unknown"))

        got_request_exception.connect(note, weak=False)
        try:
            answer = self.clients[who].generic(method, path, body, kind)
        except Exception as problem:  # any exception of the client: no server answered
            self.problems.append(f"{who} {method} {path[:200]} {body[:200]!r}: {problem!r}")
            return None
        finally:
            got_request_exception.disconnect(note)
        self.asked += 1
        if answer.status_code >= 500 or raised:
            errors = "; ".join(repr(problem)[:200] for problem in raised)
            self.problems.append(f"{who} {method} {path[:200]} {body[:200]!r}: {answer.status_code} {errors}")
        return answer


@pytest.fixture
def persons(everything: Everything, boss: User, signed_in: Callable[[User], Client]) -> Persons:
    return Persons(boss, signed_in)


def known() -> dict[str, list[str]]:
    """Real values for the parts of a path, by the name of the part."""
    codes = [row.code for kind in (Queue, Poll, Room) for row in kind.objects.all()[:2]]
    ids = [str(row.pk) for kind in (Party, Poll, Room) for row in kind.objects.all()[:1]]
    return {"code": codes, "line": codes, "id": ids}


def filled(route: str, dice: random.Random, real: dict[str, list[str]], *, odd: bool) -> str:
    """A path of this route."""

    def part(found: re.Match[str]) -> str:
        kind, _, name = found[1].rpartition(":")
        if odd and dice.random() < 0.4:
            return dice.choice(
                [
                    "ZZZZZZ",
                    "zzzzzz",
                    "0",
                    "%00",
                    "%FF",
                    "x" * 300,
                    "00000000-0000-0000-0000-000000000000",
                    "a%2Fb",
                    "%C3%A9",
                ]
            )
        if kind == "uuid" or "id" in name.lower():
            return dice.choice(real["id"])
        if kind == "slug":
            return dice.choice(
                ["open", "close", "advance", "call", "undo", "settings", "message", "join", "reset", "nothing"]
            )
        return dice.choice(real["code"])

    return "/" + re.sub(r"<([^>]+)>", part, route)


def fields_of(page: str) -> list[str]:
    return sorted(
        {html.unescape(name) for name in re.findall(r'name="([^"]+)"', page)} - {"viewport", "csrfmiddlewaretoken"}
    )


def value(dice: random.Random, real: dict[str, list[str]]) -> str:
    return dice.choice([*NASTY, *real["code"], *real["id"]])


def body_of(fields: list[str], dice: random.Random, real: dict[str, list[str]]) -> bytes:
    """A form: one field in three right-looking, others nasty, missing, repeated, or not even characters."""
    pairs = []
    for name in fields:
        if dice.random() < 0.15:
            continue
        for _ in range(2 if dice.random() < 0.1 else 1):
            pairs.append(urlencode({name: value(dice, real) if dice.random() < 0.7 else "7"}).encode())
        if dice.random() < 0.08:
            pairs.append(urlencode({name: ""}).encode() + dice.choice(RAW))
    return b"&".join(pairs)


@pytest.mark.parametrize("route", ROUTES)
def test_every_page(route: str, persons: Persons) -> None:
    dice, real = random.Random(route), known()  # noqa: S311
    sweeper = list(persons.clients)[ROUTES.index(route) % len(persons.clients)]
    for who in persons.clients:
        path = filled(route, dice, real, odd=False)
        page = persons.ask(who, "GET", path)
        fields = fields_of(page.content.decode(errors="replace")) if page is not None and not page.streaming else []
        for _ in range(8 if FULL else int(who == sweeper)):
            odd = filled(route, dice, real, odd=True)
            names = [*fields, "page", "next", "since", "partyId", "name"]
            query = urlencode({dice.choice(names): value(dice, real)}) + dice.choice(["", "&x=%FF", "&=", "&&"])
            persons.ask(who, "GET", f"{odd}?{query}")
            persons.ask(who, "POST", path, body_of([*fields, "name", "size", "partyId", "next"], dice, real))
            persons.ask(who, "POST", path, *dice.choice(BODIES))
    assert persons.problems == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_part_of_the_admin(model: Any, persons: Persons) -> None:
    dice, real = random.Random(model._meta.label), known()  # noqa: S311
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    keys = [str(key) for key in model._default_manager.values_list("pk", flat=True)[:3]]
    filters = [str(each[0] if isinstance(each, tuple) else each) for each in admin.site._registry[model].list_filter]
    listing = persons.ask("boss", "GET", base)
    actions = re.findall(r'<option value="(\w+)"', listing.content.decode()) if listing is not None else []
    for who in persons.clients:
        few = (40 if FULL else 3) if who == "boss" else 2 if FULL else 1
        for _ in range(few):
            names = [
                *ACTION_QUERIES,
                *filters,
                *(f"{name}__exact" for name in filters),
                *(f"{name}__gte" for name in filters),
            ]
            query = urlencode([(dice.choice(names), value(dice, real)) for _ in range(2)])
            persons.ask(
                who, "GET", f"{base}?{query}{dice.choice(['', '&q=%FF', '&o=1.-99.x', '&p=99999999999999999999'])}"
            )
            chosen = [(("_selected_action"), dice.choice([*keys, value(dice, real)])) for _ in range(dice.randrange(3))]
            form = [("action", dice.choice([*actions, "nothing", "\x00"])),
                    ("index", dice.choice(["0", "1", "-1", "x", "9" * 30])),
                    ("select_across", dice.choice(["0", "1", "x", ""])), *chosen]  # fmt: skip
            persons.ask(
                who, "POST", base, urlencode(form).encode() + dice.choice([b"", b"&_selected_action=%FF", b"&post=yes"])
            )
        for page in ("add/", *(f"{key}/change/" for key in (*keys[:1], "x", "%00", "99999999999999999999"))):
            found = persons.ask(who, "GET", base + page)
            fields = fields_of(found.content.decode(errors="replace")) if found is not None else []
            for _ in range(12 if FULL and who == "boss" else 1):
                persons.ask(who, "POST", base + page, body_of(fields, dice, real))
            persons.ask(who, "POST", base + page, *dice.choice(BODIES))
    assert persons.problems == []


@pytest.mark.parametrize("page", ["/sign-in", "/admin/login/"])
def test_every_way_to_sign_in(page: str, persons: Persons) -> None:
    """Each nasty value in each field by itself."""
    for name in ("username", "password", "next", "csrfmiddlewaretoken"):
        for nasty in NASTY if FULL or name == "username" else NASTY[::6]:
            right = {"username": "maria@example.com", "password": "wrong", "next": "/"}
            answer = persons.ask("nobody", "POST", page, urlencode({**right, name: nasty}).encode())
            if answer is not None and name == "username" and (len(nasty) > 254 or "\x00" in nasty):
                assert answer.status_code in {400, 429}, nasty[:20]
    for raw in RAW:
        persons.ask("nobody", "POST", page, b"username=" + raw + b"&password=" + raw)
    assert persons.problems == []


def test_a_selection_of_what_is_no_row_is_refused(persons: Persons) -> None:
    for path, selected in (
        ("queues/queue", "1.5"),
        ("queues/party", "x\x00"),
        ("outbox/effect", "x"),
        ("polls/poll", "{}"),
    ):
        form = urlencode({"action": "delete_selected", "index": "0", "_selected_action": selected}).encode()
        assert persons.ask("boss", "POST", f"/admin/{path}/", form).status_code == 400
    assert persons.ask("boss", "GET", "/admin/queues/queue/?q=%00").status_code == 400
    assert persons.problems == []
