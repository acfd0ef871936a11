"""Pages without scripts: a guest's number at the join, the choice on the ticket, the owner's channels, the end of mails."""

import re
from typing import Any

import pytest
from django.test import Client

from outbox.models import Event
from queues import commands as queue_commands
from queues.models import Party, Queue
from reach import commands
from reach.commands.texts import Texts as TextSettings
from reach.models import Channels, Contact
from reach.stopping import proof_of
from tests.mail.mail_server import MailServer
from tests.reach.conftest import EMAIL, NUMBER, Join, pass_time, states, work_off
from tests.reach.texts import Texts
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues.models import Venue

pytestmark = pytest.mark.django_db(transaction=True)


def fill(browser: Client, line: Queue, **typed: Any) -> Any:
    """Opens the join page and sends its form."""
    shown = browser.get(f"/queue/{line.code}").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', shown)
    assert key is not None
    return browser.post(f"/queue/{line.code}", {"size": 2, "name": "Ann", "key": key[1], **typed})


@pytest.mark.thorough
def test_a_guest_gives_a_number_where_the_venue_texts(line: Queue, gateway: Texts) -> None:
    spanish = Client(HTTP_ACCEPT_LANGUAGE="es")
    page = spanish.get(f"/queue/{line.code}").content.decode()
    assert 'name="number"' in page and 'name="email"' in page and "Número de móvil" in page
    refused = fill(spanish, line, number="123")
    assert refused.status_code == 400 and 'id="id_number_error"' in refused.content.decode()
    assert not Party.objects.exists() and not Contact.objects.exists()
    assert fill(spanish, line, number="600 111 222", email=" Ann@example.com ").status_code == 303
    contact = Contact.objects.get()
    assert (contact.number, contact.email, contact.language) == ("+34600111222", "Ann@example.com", "es")
    assert contact.party.has_contact and contact.origin == "http://testserver"
    work_off()
    assert [(each.kind, each.title) for each in gateway.received] == [("join_confirm", "Está en la fila")]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "remembers the number"), ("es", "recuerda el número"), ("ja", "番号とご来店の記録を残します")],
)
def test_a_venue_that_remembers_guests_says_so_beside_the_number(
    venue: Venue, line: Queue, language: str, said: str
) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE=language)
    assert said not in browser.get(f"/queue/{line.code}").content.decode()
    Venue.objects.filter(pk=venue.pk).update(guest_history=True)
    assert said in browser.get(f"/queue/{line.code}").content.decode()
    fill(browser, line)
    assert said in browser.get(f"/queue/{line.code}/reach").content.decode()


@pytest.mark.thorough
def test_a_venue_that_offers_no_such_way_asks_for_nothing(venue: Venue, line: Queue) -> None:
    commands.set_channels(venue_id=venue.pk, ways=["push"], fallback_s=45)
    browser = Client()
    assert 'name="number"' not in browser.get(f"/queue/{line.code}").content.decode()
    assert fill(browser, line, number=NUMBER).status_code == 303
    assert not Contact.objects.exists()
    assert "How we tell you" not in browser.get(f"/queue/{line.code}/ticket").content.decode()
    assert browser.get(f"/queue/{line.code}/reach").status_code == 303


@pytest.mark.thorough
def test_the_ticket_leads_to_the_choice_of_ways(line: Queue, gateway: Texts, mails: MailServer) -> None:
    browser = Client()
    fill(browser, line)
    assert f"/queue/{line.code}/reach" in browser.get(f"/queue/{line.code}/ticket").content.decode()
    path = f"/queue/{line.code}/reach"
    assert browser.post(path, {"email": "not an address", "first": "email"}).status_code == 400
    assert not Contact.objects.exists()
    assert browser.post(path, {"email": EMAIL, "first": "text"}).status_code == 400, "no way leads to them"
    chosen = {"number": NUMBER, "email": EMAIL, "first": "email", "second": "text", "third": "email"}
    assert browser.post(path, chosen).status_code == 303
    party = Party.objects.get()
    assert Contact.objects.get().ways == ["email", "text"]
    work_off()
    assert states(party, "join_confirm") == {"email": "sent"}
    page = browser.get(path).content.decode()
    assert f'value="{NUMBER}"' in page and f'value="{EMAIL}"' in page
    assert re.findall(r'<option value="(\w*)" selected', page) == ["email", "text", ""]
    assert browser.post(path, {"number": NUMBER, "email": EMAIL, "first": "text"}).status_code == 303
    work_off()
    assert len(mails.received) == 1, "another order needs no confirmation"
    assert browser.post(path, {"number": "", "email": "", "first": "push"}).status_code == 303
    party.refresh_from_db()
    assert not party.has_contact and not Contact.objects.exists()
    story = str([*Event.objects.values("data", "changes")])
    assert NUMBER[3:] not in story and EMAIL not in story


@pytest.mark.thorough
def test_the_link_of_a_mail_ends_mails_and_leaves_the_place(line: Queue, join: Join, mails: MailServer) -> None:
    party = join(number="")
    queue_commands.message_party(line.pk, party_id=party.pk, text="Soon")
    work_off()
    stop = re.search(r"https://line\.example\.com(/mail/reach/\S+)", mails.received[-1].get_content())
    assert stop is not None
    browser = Client(enforce_csrf_checks=True)
    assert "No more mails?" in browser.get(stop[1]).content.decode()
    for _ in range(2):
        assert browser.post(stop[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Contact.objects.exists()
    party.refresh_from_db()
    assert party.status == "waiting" and not party.has_contact
    queue_commands.call(line.pk, party_id=party.pk)
    work_off()
    assert len(mails.received) == 2, "its confirmation and the message"
    assert browser.get(f"/mail/reach/{party.pk}/{proof_of(line.pk)}").status_code == 404


@pytest.mark.thorough
def test_owners_set_the_ways_their_order_and_the_seconds(transactional_db: None, gateway: Texts) -> None:
    venue = venue_with_people()
    owner = browser_of("owner")
    shown = owner.get("/venue/reach").content.decode()
    assert "Messages to guests" in shown and 'value="45"' in shown
    sent = {"way_1": "text", "way_2": "push", "fallback_s": "60"}
    assert owner.post("/venue/reach", sent).status_code == 303
    row = Channels.objects.get(venue=venue)
    assert (row.ways, row.fallback_s) == (["text", "push"], 60)
    event = Event.objects.get(type="VENUE_CHANNELS_SET")
    assert event.changes == {"channels": {"ways": [["push"], ["text", "push"]], "fallback_s": [45, 60]}}
    for wrong in ({"way_2": "text"}, {"fallback_s": "5"}, {"way_1": "fax"}):
        assert owner.post("/venue/reach", sent | wrong).status_code == 400
    assert browser_of("host").get("/venue/reach").status_code == 403


@pytest.mark.thorough
def test_a_page_that_shows_the_call_spares_its_guest_the_next_way(
    line: Queue, gateway: Texts, mails: MailServer
) -> None:
    browser, stranger = Client(), Client()
    assert fill(browser, line, number=NUMBER, email=EMAIL).status_code == 303
    assert "data-reached" in browser.get(f"/queue/{line.code}/ticket").content.decode()
    work_off()
    path, party = f"/queue/{line.code}/shown", Party.objects.get()
    assert browser.post(path, {"deadline": "None"}).status_code == 204
    queue_commands.call(line.pk, party_id=party.pk)
    deadline = browser.get(f"/queue/{line.code}/place.json").json()["deadline"]
    for who, said in ((browser, deadline - 1), (browser, ""), (stranger, deadline)):
        assert who.post(path, {"deadline": said}).status_code == 204
        assert "page" not in states(party)
    for _ in range(2):
        assert browser.post(path, {"deadline": deadline}).status_code == 204
    work_off()
    assert gateway.kinds == ["join_confirm", "called"], "the first way is taken in any case"
    pass_time(50)
    work_off()
    assert states(party) == {"page": "delivered", "push": "skipped", "text": "sent", "email": "skipped"}
    assert mails.received == []
    queue_commands.undo(line.pk)
    queue_commands.call(line.pk, party_id=party.pk)
    work_off()
    pass_time(50)
    work_off()
    assert len(mails.received) == 1, "another call is another one"


@pytest.mark.thorough
def test_who_is_reached_by_no_way_says_nothing(line: Queue, gateway: Texts) -> None:
    browser = Client()
    fill(browser, line)
    assert "data-reached" not in browser.get(f"/queue/{line.code}/ticket").content.decode()
    party = Party.objects.get()
    queue_commands.call(line.pk, party_id=party.pk)
    deadline = browser.get(f"/queue/{line.code}/place.json").json()["deadline"]
    assert browser.post(f"/queue/{line.code}/shown", {"deadline": deadline}).status_code == 204
    assert not states(party)


@pytest.mark.thorough
def test_the_pages_of_ways_and_of_texts_lead_to_each_other(transactional_db: None) -> None:
    venue, owner, manager = venue_with_people(), browser_of("owner"), browser_of("manager")
    ways, texts = f"/venue/reach?venue={venue.pk}", f"/venue/sms?venue={venue.pk}"

    def shown(who: Client, path: str) -> str:
        return who.get(path).content.decode()

    assert f'class="button" href="{texts}"' in shown(owner, ways) and f'<a href="{ways}"' in shown(owner, texts)
    assert "An owner sets them up." in shown(manager, ways) and "/venue/sms" not in shown(manager, ways)
    commands.set_channels(venue_id=venue.pk, ways=["push", "sms"], fallback_s=45)
    assert "nothing carries your texts yet" in shown(owner, ways)
    carried = TextSettings(kind="gateway", url="https://sms.example.com/send", sender="Casa Azul")
    commands.set_texts(venue_id=venue.pk, texts=carried, origin="https://line.example.com")
    assert "nothing carries" not in shown(owner, ways) and "No guest is asked" not in shown(owner, texts)
    commands.set_channels(venue_id=venue.pk, ways=["push"], fallback_s=45)
    assert "no guest is asked for a number" in shown(owner, ways)
    assert "No guest is asked for a number" in shown(owner, texts)
