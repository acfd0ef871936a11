"""venues/authentication.py: a session cookie alone proves nothing to the API."""

from django.test import Client

from polls import commands as poll_commands
from queues import commands
from queues.models import Queue
from venues import commands as venue_commands
from venues.models import Venue


def venue_with_line() -> tuple[Venue, Queue]:
    venue = venue_commands.create_venue(name="Blue", timezone_name="UTC")
    new = commands.NewLine(event_name="Friday", max_guests=40)
    return venue, commands.open_line(new, venue=venue)


def pause(client: Client, line: Queue, **headers: str) -> int:
    path = f"/api/queue/{line.code}/pause"
    return client.post(path, "{}", content_type="application/json", headers=headers).status_code


def test_a_signed_in_host_needs_the_proof_our_pages_give(db: None) -> None:
    venue, line = venue_with_line()
    host = venue_commands.create_host(email="host@example.com", venue=venue, password="long enough 1")
    client = Client(enforce_csrf_checks=True)
    client.force_login(host, backend="django.contrib.auth.backends.ModelBackend")
    assert pause(client, line) == 401
    token = client.get("/").cookies["csrftoken"].value
    assert pause(client, line, **{"x-csrftoken": token}) == 200
    line.refresh_from_db()
    assert line.paused


def test_a_host_of_another_venue_is_refused(db: None) -> None:
    _, line = venue_with_line()
    other = venue_commands.create_venue(name="Red", timezone_name="UTC")
    stranger = venue_commands.create_host(email="stranger@example.com", venue=other)
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert pause(client, line) == 403
    line.refresh_from_db()
    assert not line.paused


def test_staff_may_act_on_what_belongs_to_no_venue(db: None) -> None:
    poll = poll_commands.create(poll_commands.NewPoll(title="Starter?", choices=["Soup", "Salad"]), open_now=True)
    statuses = []
    for is_staff in (False, True):
        person = venue_commands.create_user(
            email=f"{is_staff}@example.com", password="long enough 1", is_staff=is_staff
        )
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        statuses.append(client.post(f"/api/vote/{poll.pk}/close").status_code)
    assert statuses == [403, 200]
    poll.refresh_from_db()
    assert poll.status == "closed"
