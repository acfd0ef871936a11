"""A venue's reports, of four weeks of lunches and dinners, and the page that ends their weekly mail."""

from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.gallery.scene import PASSWORD, Scene, Steps, walk
from tests.browser.pages import sign_in_at

MADE = """
from datetime import timedelta
from random import Random
from uuid import uuid4
from analytics import commands, facts
from analytics.letters import proof_of
from analytics.models import Fact, WeeklyMail
from core import clock
from django.urls import reverse
from queues.models import Queue
from venues import commands as venues
chance, now, told = Random(4), clock.now(), []
venue = venues.create_venue(name="Trattoria Bella Vista", timezone_name="Europe/Rome")
owner = venues.create_host(email={email!r}, venue=venue, password={password!r}, role="owner")
for name, hour, most in (("Lunch", 11, 12), ("Dinner & late night supper", 18, 30)):
    service = venues.create_service(venue_id=venue.pk, name=name)
    for day in range(28):
        at = now.replace(hour=hour, minute=0) - timedelta(days=day + 1)
        line = Queue.objects.create(code={mark!r} + f"{{len(told):04}}"[-4:], venue=venue, service=service, event_name=name,
            max_guests=60, timezone=venue.timezone, opened_at=at, closes_at=at, closed_at=at + timedelta(hours=5),
            last_activity_at=at, pace_ms=180_000)
        for n in range(chance.randint(3, most - day % 7)):
            party, joined = uuid4(), at + timedelta(minutes=chance.randint(0, 280))
            quote = {{"quoted_low_ms": 600_000, "quoted_high_ms": 1_500_000, "size": chance.choice([1, 2, 2, 2, 3, 4, 4, 6, 11])}}
            end = chance.choice([facts.SERVED] * 8 + [facts.LEFT, facts.DROPPED])
            for version, kind in enumerate((facts.JOINED, end)):
                told.append(Fact(type=kind, queue=line, venue=venue, party_id=party, version=2 * n + version, seq=0, at=joined,
                    waited_ms=chance.randint(120_000, 2_400_000) if version else None, **quote))
Fact.objects.bulk_create(told)
commands.choose_weekly_mail(owner.memberships.get(), language="en", origin="http://localhost")
mail = WeeklyMail.objects.get(membership__user=owner)
print("END", reverse("weekly-mail", args=[mail.pk, proof_of(mail.pk)]))
"""


@walk(PHONE, guest=False)
def reports(scene: Scene) -> Steps:
    mark = uuid4().hex[:6]
    email = f"{mark}@example.com"
    made = scene.stack.manage("shell", "-c", MADE.format(email=email, password=PASSWORD, mark=mark[:2].upper())).stdout
    page = scene.open("")
    sign_in_at(page, "/venue/reports?first=2020-01-06&last=2020-01-12", email=email, password=PASSWORD)
    expect(page.get_by_role("heading", name="No party has joined in these days")).to_be_visible()
    yield "reports-empty", page
    page.get_by_role("link", name="Last week").click()
    expect(page.get_by_role("heading", name="Weekday and hour")).to_be_visible()
    page.locator("summary").first.click()
    yield "reports", page
    page.goto("/venue/reports?first=2026-02-30&last=2026-01-01&beside=dates")
    yield "reports-wrong", page
    page.goto(made.split("END ")[1].strip())
    yield "weekly-mail-end", page
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_role("heading", name="The weekly mail is ended")).to_be_visible()
    yield "weekly-mail-ended", page
