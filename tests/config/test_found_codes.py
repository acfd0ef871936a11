"""A code is found however it was typed, pasted or linked (decision 0031), on the address's way and in the field for a code."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import is_valid_path

from core.identifiers import canonical, code_in, tidy_path
from polls.models import Poll
from queues.models import Queue
from tests.page_client import page
from tests.polls.page_client import poll_by_form
from tests.queues.page_client import line_by_form

pytestmark = pytest.mark.django_db

WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in map(chr, range(0x21, 0x7F))}
FORM = re.compile('<form class="find"[^>]*>')
MARKS = [*".,;:!?)]}>\"'’”»…)。、!_*|\\&", "..."]
UNSEEN = ["\u200b", "\ufeff", "\u00ad", "\u2060", "\u00a0", " ", "\u3000", "\t", "\n", "%20"]
AROUND = [
    "<{}>",
    '"{}"',
    "'{}'",
    "“{}”",
    "‘{}’",
    "«{}»",
    "({})",
    "[{}]",
    "**{}**",
    "_{}_",
    "「{}」",
    " {} ",
    "\u200b{}",
]


def written(code: str) -> Iterator[str]:
    """The code as people and programs write it."""
    yield from (code.lower(), code.translate(WIDE), code.lower().translate(WIDE))
    yield from (f"{code}{end}" for end in [*MARKS, *UNSEEN, ").", "」。", "で", "%2E"])
    yield from (around.format(code) for around in AROUND)
    yield from (
        f"{code[:3]}{between}{code[3:]}" for between in ["-", "–", "_", ".", "‑", "\xad", "\u200b"] + [" ", "%20"]
    )
    yield " ".join(code)
    yield "-".join(code.lower())


class Site:
    """A line with a poll, a separate poll and a room, all without an account."""

    def __init__(self) -> None:
        self.host = Client()
        self.line: Queue = line_by_form(self.host)
        self.poll: Poll = poll_by_form(self.host)
        self.below: Poll = poll_by_form(self.host, f"/polls/new?line={self.line.code}", line=self.line.code)
        made = self.host.post("/api/rooms", {"title": "?"}, content_type="application/json").json()
        self.room = str(made["code"])

    def pages(self) -> dict[str, str]:
        """Addresses of pages, with what they hold in place of the code, and the code."""
        line, poll = self.line.code, self.poll.code
        return {
            "/queue/{}": line,
            "/queue/{}/ticket": line,
            "/queue/{}/wall": line,
            "/queue/{}/poster": line,
            "/queue/{}/qr.svg": line,
            "/queue/{}/report": line,
            "/queue/{}/host": line,
            f"/queue/{line}/vote/{{}}": self.below.code,
            "/vote/{}": poll,
            "/vote/{}/own": poll,
            "/vote/{}/results": poll,
            "/polls/{}/host/poster": poll,
            "/rooms/{}": self.room,
            "/rooms/{}/wall": self.room,
            "/rooms/{}/poster": self.room,
        }


@pytest.fixture
def site(transactional_db: None) -> Site:
    return Site()


def led(client: Client, path: str, query: str = "") -> str:
    """Where a browser comes out: every step stays on this site. (Django's client would read `//` as a host.)"""
    at = path
    for _ in range(3):
        answer = client.head("/", PATH_INFO=at.encode().decode("latin-1"), QUERY_STRING=query)
        if answer.status_code not in {301, 302}:
            return f"{answer.status_code}"
        to = answer["Location"]
        assert to.startswith("/") and not to.startswith(("//", "/\\")), to
        at, query = unquote(urlsplit(to).path), urlsplit(to).query
        if is_valid_path(at) and at == tidy_path(at):
            return f"{at}?{query}" if query else at
    pytest.fail(f"{path!r} leads round and round to {at}")


def test_an_address_is_found_in_every_spelling_of_its_code(site: Site) -> None:
    wrong = []
    for route, code in site.pages().items():
        wanted = route.format(code)
        for spelled in written(code):
            if route.format(spelled).strip() != wanted:
                came = led(site.host, route.format(spelled))
                if came.replace(code.lower(), code) != wanted:  # the page leads on to the capitals
                    wrong.append(f"{route} as {spelled!r}: {came}")
    assert not wrong, "\n".join(wrong)


def test_an_address_is_found_with_what_stands_around_it(site: Site) -> None:
    wrong = []
    for route, code in site.pages().items():
        path = route.format(code)
        ends = [*MARKS, *UNSEEN, "/", "//", "/.", "./", ").", "…/", "」。", "\u200b/"]
        # A name with an underscore may be a host's button, which is not asked for by GET.
        others = [path + end for end in ends if end != "_" or "/host/" not in path]
        others += [path.replace("/", "//"), f"//{path}", path.upper().replace(code, code.lower()), f"/\u200b{path[1:]}"]
        for other in others:
            for query in ("", "lang=es&x=1"):
                came = led(site.host, other, query)
                if came.replace(code.lower(), code) != (f"{path}?{query}" if query else path):
                    wrong.append(f"{other!r} {query}: {came}")
    assert not wrong, "\n".join(wrong)


def links(path: str) -> Iterator[str]:
    """The address of a page as people paste it into a field."""
    for whole in (
        f"https://tally.example{path}",
        f"http://192.168.1.5:8000{path}",
        f"tally.example{path}",
        path,
        path[1:],
    ):
        yield from (
            whole,
            f"{whole}/",
            f"{whole}?lang=es&utm_source=a",
            f"{whole}#top",
            f"{whole}?a=b#c=d",
            f" {whole}\n",
        )
        yield from (whole + mark for mark in MARKS)
        yield from (around.format(whole) for around in AROUND)
        yield f"Join here: {whole}."
        yield f"Please join us: {whole}, see you!"
        yield f"[Join]({whole})"
    whole = f"https://tally.example{path}"
    yield from (
        whole.upper(),
        whole.translate(WIDE),
        quote(whole),
        quote(quote(whole, safe="")),
        f"{whole}で会いましょう",
    )
    yield f"https://tally.example/prefix{path}"
    yield whole.replace(path, path.replace("/", "//"))


def test_the_field_finds_what_is_pasted_into_it(site: Site) -> None:
    line, below = site.line.code, f"/queue/{site.line.code}/vote/{site.below.code}"
    guests = {
        line: (f"/queue/{line}", ["", "/ticket", "/wall", "/poster", "/nearby", "/host", "/report"]),
        site.poll.code: (f"/vote/{site.poll.code}", ["", "/results"]),
        site.below.code: (below, [""]),
        site.room: (f"/rooms/{site.room}", ["", "/wall", "/poster"]),
    }
    wrong = []
    for code, (at, ends) in guests.items():
        pasted = [
            *written(code),
            f"Code: {code}",
            f"The code is {code}.",
            f"tally.example?code={code}",
            f"{code}\n{code}",
        ]
        pasted += [link for end in ends for link in links(at + end)]
        for text in pasted:
            for typed in {text, unicodedata.normalize("NFKC", text)}:
                if (found := code_in(typed)) is None or found.code != code:
                    wrong.append(f"{typed!r}: {found}, not {code}")
    assert not wrong, "\n".join(wrong)


SECRET = "7d9f5c0e-3b1a-4c58-9f0e-2a6b1c4d8e90.k3yTh4tOp3ns"


def test_a_secret_that_is_pasted_with_its_link_stays_out_of_every_address(site: Site) -> None:
    """A guest's place and a host's key stand in the fragment: browsers send that to no server, a field by GET would."""
    forms = [form for html in (page(Client(), "/"), page(Client(), "/nowhere", 404)) for form in FORM.findall(html)]
    assert len(forms) == 2 and all('method="post"' in form for form in forms)
    line = site.line.code
    for path in (
        f"/queue/{line}/ticket#place=",
        f"/queue/{line}/host#key=",
        f"/queue/{line}%23key=",
        f"/queue/{line}＃key=",
    ):
        answer = Client().post("/queue", {"code": f"https://tally.example{path}{SECRET}"})
        assert (answer.status_code, answer["Location"]) == (303, f"/queue/{line}"), path
    for nothing in (f"https://tally.example/queue/#key={SECRET}", f"#place={SECRET}", f"＃key={SECRET}"):
        answer = Client().post("/queue", {"code": nothing})
        assert answer.status_code == 404 and SECRET[:6] not in answer.content.decode(), nothing


def test_no_other_form_puts_what_a_person_types_into_an_address() -> None:
    by_get = [
        each.relative_to(settings.BASE_DIR).as_posix()
        for each in (settings.BASE_DIR / "templates").rglob("*.html")
        if re.search(r"<form(?![^>]*method=.?(?:post|dialog))", each.read_text())
    ]
    assert set(by_get) == {"templates/host/reports.html", "templates/admin/tallyline/quotes.html"}, (
        "days; a line's code"
    )


def test_a_link_with_a_code_that_two_things_have_leads_to_its_own(site: Site) -> None:
    Poll.objects.filter(pk=site.poll.pk).update(code=site.line.code)
    for link, word in ((f"https://t.example/vote/{site.line.code}", "vote"), (site.line.code, "queue")):
        assert site.host.post("/queue", {"code": link})["Location"] == f"/{word}/{site.line.code}"


@pytest.mark.parametrize(
    "text",
    ["", "ABC23", "ABC2345", "O0I1XX", "ABCDE0", "ABCDEO", "ABCDE1", "ABCDÉF", "АBCDEF", "https://tally.example/rooms/new",
     "https://tally.example/queue/", "ABC234 or DEF567", "http://[", "%", "%FF", "\x00", "ßABCDE", "9" * 5000, "queue/" * 5000],
)  # fmt: skip
def test_what_holds_no_code_is_not_found_and_breaks_nothing(client: Client, text: str) -> None:
    """Codes have none of I, O, 0 and 1: which letter was meant instead is not guessed."""
    assert code_in(text) is None
    assert client.get("/queue", {"code": text}).status_code == 404


def test_a_pasted_link_never_leads_to_its_own_host(site: Site) -> None:
    for text in (f"//evil.example/queue/{site.line.code}", f"https://evil.example\\@x/queue/{site.line.code}"):
        assert site.host.get("/queue", {"code": text})["Location"] == f"/queue/{site.line.code}"
    for path in (
        "//evil.example/",
        f"//evil.example/queue/{site.line.code})",
        f"/\\evil.example/queue/{site.line.code}",
    ):
        assert led(site.host, path) == "404"


def test_a_form_that_is_sent_to_such_an_address_is_taken_as_it_is(site: Site) -> None:
    for number, end in enumerate([".", ")", "/", "\u200b", "//"]):
        key = f"00000000-0000-4000-8000-{number:012}"
        answer = Client().post(quote(f"/queue/{site.line.code}{end}"), {"name": "Ben", "size": "2", "key": key})
        assert answer.status_code == 303, end
        assert urlsplit(answer["Location"]).path == f"/queue/{site.line.code}/ticket"
    assert site.line.parties.count() == 5


def test_one_spelling_stays_as_it_is(site: Site) -> None:
    for route, code in site.pages().items():
        assert canonical(route.format(code)) == tidy_path(route.format(code)) == route.format(code)
        for spelled in written(code):
            once = tidy_path(unquote(route.format(spelled)))
            assert tidy_path(once) == once
