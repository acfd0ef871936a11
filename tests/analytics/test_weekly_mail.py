"""The weekly mail: one about each week to each who chose it, sent through a real mail server, and ended by its link."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from analytics import commands, timers
from analytics.models import WeeklyMail
from mail.models import Mail
from queues import commands as lines
from queues.models import Queue
from tests.analytics.conftest import Watch, keep_facts
from tests.mail.mail_server import MailServer, perform
from venues import commands as venue_commands
from venues.models import Membership, Venue

pytestmark = pytest.mark.thorough

ORIGIN = "https://line.example.com"
OWNER = "ana@example.com"
# Saturday's line (conftest.OPENING) is of the week from 23 February; New York's Monday at nine.
WEEK, DUE = date(2026, 2, 23), datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with MailServer().running() as made:
        settings.EMAIL_BACKEND = "mail.in_time.InTime"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
        yield made


@pytest.fixture
def owner(watch: Watch, venue: Venue) -> Membership:
    """The owner, who gets the mail in English."""
    person = venue_commands.create_host(email=OWNER, venue=venue, password=None, role="owner")
    member = Membership.objects.select_related("venue").get(user=person)
    commands.choose_weekly_mail(member, language="en", origin=ORIGIN)
    return member


@pytest.fixture
def evening(watch: Watch, new_line: Callable[..., Queue]) -> None:
    """Two parties of four; one was seated after twelve minutes."""
    line = new_line()
    party = lines.join(line.code, name="Ada Lovelace", size=4).party
    lines.join(line.code, name="Grace Hopper", size=4)
    watch.at(12)
    lines.serve(line.code, party_id=party.pk)
    keep_facts()


def swept() -> int:
    """One pass of the sweep."""
    return timers.post_due()


def parts(message: EmailMessage) -> tuple[str, str, bytes]:
    """Text, HTML and picture of a mail."""
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()
    return text.get_content(), html.get_content(), picture.get_content()


def test_the_mail_comes_once_when_the_week_is_over(
    watch: Watch, server: MailServer, owner: Membership, evening: None
) -> None:
    watch.now = DUE - timedelta(seconds=1)
    assert swept() == 0
    watch.now = DUE
    assert [swept(), swept()] == [1, 0]
    perform()
    perform()
    (message,) = server.received
    assert (message["To"], message["Subject"]) == (OWNER, "Nonna: Mon February 23 to Sun March 1")
    text, html, picture = parts(message)
    assert (
        "Parties joined: 2 (0; +2)" in text
        and "Covers: 4 (0; +4)" in text
        and "Half were seated within: 12 min" in text
    )
    assert "Sat February 28: 2" in text and "Sat February 28: 2" in html
    with Image.open(BytesIO(picture)) as drawn:
        assert drawn.format == "PNG" and drawn.width == 600
    assert f"{ORIGIN}/venue/reports?venue={owner.venue_id}&first=2026-02-23&last=2026-03-01" in text
    assert "Ada" not in text + html and "Grace" not in text + html, "no guest is named"
    # The next is about the next week.
    assert WeeklyMail.objects.get().week == WEEK + timedelta(days=7)


def test_a_week_without_guests_is_not_mailed(watch: Watch, server: MailServer, owner: Membership) -> None:
    watch.now = DUE
    assert swept() == 1
    perform()
    assert server.received == [] and [*Mail.objects.values_list("result", flat=True)] == ["not needed"]


@pytest.mark.parametrize("language", ["es", "ja"])
def test_it_is_written_in_the_language_that_was_chosen(
    watch: Watch, server: MailServer, owner: Membership, evening: None, language: str
) -> None:
    commands.choose_weekly_mail(owner, language=language, origin=ORIGIN)
    watch.now = DUE
    swept()
    perform()
    text, html, _ = parts(server.received[0])
    words = {"es": ["Grupos llegados: 2", "sáb, 28 de febrero: 2"], "ja": ["組数: 2", "2月28日（土）: 2"]}[language]
    assert all(each in text for each in words), text
    assert f'<html lang="{language}">' in html
    assert "Parties" not in text + html and "Week" not in text + html


@pytest.mark.parametrize("language", ["en", "es"])
def test_answers_after_visits_stand_beside_the_week_before(
    watch: Watch, server: MailServer, venue: Venue, owner: Membership, new_line: Callable[..., Queue], language: str
) -> None:
    commands.choose_weekly_mail(owner, language=language, origin=ORIGIN)
    venue_commands.change_venue(venue_id=venue.pk, ask_after_min=1)
    for week, answers in ((-1, (3,)), (0, (4, 5))):
        begin = week * 7 * 24 * 60
        watch.at(begin)
        line = new_line()
        parties = [lines.join(line.code).party for _ in answers]
        for party, answer in zip(parties, answers, strict=True):
            watch.at(begin + 90)
            lines.serve(line.code, party_id=party.pk)
            watch.at(begin + 91)
            assert lines.ask_about_visit(line.pk, party_id=party.pk)
            lines.answer_visit(line.pk, party_id=party.pk, answer=answer)
    keep_facts()
    watch.now = DUE
    swept()
    perform()
    text, html, _ = parts(server.received[0])
    told = {
        "en": ["Told how their visit was: 2 (1; +1 (+100\u00a0%))", "Their answer, 1 to 5: 4.5 (3.0; +1.5)"],
        "es": ["Dijeron qué tal su visita: 2 (1; +1 (+100\u00a0%))", "Su respuesta, de 1 a 5: 4,5 (3,0; +1,5)"],
    }[language]
    assert all(each in text for each in told), text
    assert told[1].partition(":")[0] in html


def test_mails_missed_while_nothing_ran_come_in_order(watch: Watch, owner: Membership) -> None:
    watch.now = DUE + timedelta(days=15)
    assert [swept() for _ in range(4)] == [1, 1, 1, 0]
    weeks = [WEEK + timedelta(days=7 * n) for n in range(3)]
    assert [*Mail.objects.order_by("day").values_list("day", flat=True)] == weeks


@pytest.mark.parametrize(
    ("zone", "due"), [("Pacific/Honolulu", "2026-03-02 19:00"), ("America/New_York", "2026-03-02 17:00")]
)
def test_it_waits_for_the_end_of_the_week_by_the_venues_newest_clock(
    watch: Watch, venue: Venue, owner: Membership, zone: str, due: str
) -> None:
    """A zone further west, or a business day that ends at noon."""
    noon = time(12) if zone == venue.timezone else venue.day_ends
    venue_commands.change_venue(venue_id=venue.pk, timezone_name=zone, day_ends=noon)
    watch.now = DUE
    assert swept() == 0
    watch.now = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert [swept(), swept()] == [1, 0]


def test_two_sweepers_at_once_post_it_once(watch: Watch, owner: Membership) -> None:
    watch.now = DUE

    def sweep() -> int:
        try:
            return swept()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda _: sweep(), range(4))) == 1
    assert Mail.objects.count() == 1


def test_its_link_ends_it_without_signing_in(
    watch: Watch, server: MailServer, owner: Membership, evening: None
) -> None:
    watch.now = DUE
    swept()
    perform()
    (message,) = server.received
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message["List-Unsubscribe"].strip(" <>")
    assert link.startswith(ORIGIN) and link in parts(message)[0] and link in parts(message)[1]
    path = urlsplit(link).path
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(path)
    assert "End the weekly mail?" in page.content.decode() and WeeklyMail.objects.exists(), "a GET changes nothing"
    # As a mail program does it: no cookie, no redirect.
    for _ in range(2):
        answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200 and "is ended" in answer.content.decode()
    assert not WeeklyMail.objects.exists()
    assert "is ended" in browser.get(path).content.decode()
    assert browser.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404


def test_what_was_posted_before_it_was_ended_is_not_sent(
    watch: Watch, server: MailServer, owner: Membership, evening: None
) -> None:
    watch.now = DUE
    swept()
    Membership.objects.filter(pk=owner.pk).update(role="host")
    perform()
    assert server.received == [], "hosts see no reports"


def test_the_switch_on_the_page(watch: Watch, venue: Venue, owner: Membership) -> None:
    commands.end_weekly_mail(WeeklyMail.objects.get().pk)
    browser = Client()
    browser.force_login(owner.user)
    page, switch = f"/venue/reports?venue={venue.pk}", f"/venue/reports/mail?venue={venue.pk}"
    assert "Send it to me" in browser.get(page).content.decode()
    for _ in range(2):
        assert browser.post(switch, {"language": "ja"}, headers={"host": "testserver"}).status_code == 303
    mail = WeeklyMail.objects.get()
    assert (mail.language, mail.origin, mail.week) == ("ja", "http://testserver", WEEK)
    assert OWNER in browser.get(page).content.decode()
    browser.post(switch, {"language": "xx"})
    assert "Choose one of the languages." in browser.get(page).content.decode()
    assert WeeklyMail.objects.get().language == "ja"
    for _ in range(2):
        browser.post(switch, {"end": "yes"})
    assert not WeeklyMail.objects.exists()


def test_who_leaves_the_venue_gets_no_more_of_it(owner: Membership) -> None:
    Membership.objects.filter(pk=owner.pk).delete()
    assert not WeeklyMail.objects.exists()
