"""After a test that commits, no table has a row but those that migrations fill (tests/conftest.py)."""

import pytest
from django.apps import apps
from django.core.management import call_command

from queues import commands
from tests.polls.database_polls import ballot, cast, made

KEPT = {"contenttypes.ContentType", "auth.Permission"}


@pytest.mark.django_db(transaction=True)
def test_all_that_was_committed_is_deleted() -> None:
    cast(ballot(made(), "a voter", 1))
    line = commands.open_line(commands.NewLine(event_name="Friday", max_guests=9))
    commands.join(line.code, name="Ann")

    def filled() -> set[str]:
        models = [model for model in apps.get_models() if model._meta.managed and model._meta.label not in KEPT]
        return {model._meta.label for model in models if model._default_manager.exists()}

    assert filled() >= {"queues.Queue", "queues.Party", "polls.Tally", "outbox.Event"}
    call_command("flush", interactive=False, verbosity=0)
    assert filled() == set()
