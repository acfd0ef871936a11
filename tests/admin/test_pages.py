"""The first page, and the policy of all pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from outbox.models import Effect
from queues import commands
from queues.models import Party, Queue


def figures(client: Client) -> dict[str, tuple[object, bool]]:
    return {figure.title: (figure.value, figure.alarm) for figure in client.get("/admin/").context["figures"]}


def test_the_first_page_counts_what_matters(as_clerk: Client, line: Queue, join: Callable[..., Party]) -> None:
    Effect.objects.update(status="done")
    assert figures(as_clerk) == {
        "Open lines": (1, False),
        "Guests waiting": (0, False),
        "Dead effects": (0, False),
        "Oldest pending effect": ("none", False),
    }
    join("Anna", 4)
    commands.call(line.pk, party_id=join("Ben", 2).pk)
    Effect.objects.filter(name="analytics").update(status="dead")
    event = Effect.objects.filter(status="pending").latest("pk").event
    type(event).objects.filter(pk=event.pk).update(at="2020-01-01T00:00Z")
    now = figures(as_clerk)
    assert now["Guests waiting"] == (4, False)
    assert now["Dead effects"] == (Effect.objects.filter(status="dead").count(), True)
    assert "years" in str(now["Oldest pending effect"][0])
    assert now["Oldest pending effect"][1]
    assert "Friday night" in as_clerk.get("/admin/").content.decode()


@pytest.mark.parametrize("word", ["9" * 5_000, "#" + "9" * 12, "²", "٣"])
def test_a_word_of_odd_digits_finds_no_ticket_and_is_no_fault(as_boss: Client, line: Queue, word: str) -> None:
    """Python refuses to read a number of more than 4,300 digits; Postgres has none beyond its integers."""
    assert as_boss.get("/admin/queues/party/", {"q": word}).status_code == 200


def test_only_the_admin_may_evaluate(as_clerk: Client, line: Queue) -> None:
    for path in ("/admin/", "/admin/queues/queue/", "/admin/login/"):
        policy = as_clerk.get(path)["Content-Security-Policy"]
        assert "script-src 'self' 'unsafe-eval';" in policy + ";"
        assert "style-src 'self' 'unsafe-inline'" in policy
        assert "frame-ancestors 'none'" in policy
    for path in (f"/queue/{line.code}", "/api/docs", "/nowhere", "/api/nowhere"):
        assert "unsafe" not in as_clerk.get(path)["Content-Security-Policy"]
