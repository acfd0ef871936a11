"""Generated over all registered models, so that none is left out, and none of ours stays unregistered."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import CompositePrimaryKey, Model
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from queues.models import Party
from tests.admin.conftest import Everything
from venues.models import User
from web.admin import CappedPaginator, StaffAdmin

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# What commands can do, and therefore staff in the admin; some only superusers. Nothing else may be written there.
WRITABLE_BY_STAFF = {
    "polls.Poll": {"add", "delete"},
    "rooms.Room": {"delete"},
}
WRITABLE = WRITABLE_BY_STAFF | {
    "venues.User": {"add", "change"},
    "venues.Venue": {"add", "change"},
    "venues.Membership": {"add", "change", "delete"},
    "venues.ApiKey": {"add"},
    "venues.Service": {"add", "change"},
    "venues.Table": {"change"},
    "venues.HoursException": {"add", "change", "delete"},
}
pytestmark = [pytest.mark.usefixtures("everything"), pytest.mark.thorough]
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


def address(model: type[Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def rows_of(model: type[Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


def a_row(model: type[Model]) -> Model:
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"add a {model._meta.label} to the fixture `everything`"
    return row


def context_of_list(model: type[Model], user: User, query: dict[str, str] | None = None) -> dict[str, Any]:
    """What the list's page would be drawn from. It is not drawn, which is ten times the work."""
    request = RequestFactory().get(address(model, "changelist"), query)
    request.user = user
    answer = admin.site._registry[model].changelist_view(request)
    assert isinstance(answer, TemplateResponse), f"{query} is unknown: it redirects to ?e=1"
    return dict(answer.context_data or {})


def drawn(client: Client, path: str, query: dict[str, str] | None = None) -> Any:
    """The answer, a page; no secret of a browser or a key is on it."""
    answer = client.get(path, query)
    assert answer.status_code == 200, path
    for secret in (b"secret-address", b"secret-key", b"secret-auth", b"md5$"):
        assert secret not in answer.content, path
    return answer


def test_all_of_our_models_are_registered_and_read_only_by_default() -> None:
    ours = {
        model
        for name in settings.INSTALLED_APPS
        if "." not in name and (settings.BASE_DIR / name).is_dir()
        for model in apps.get_app_config(name).get_models()
        if not isinstance(model._meta.pk, CompositePrimaryKey)  # Django's admin cannot show those
    }
    assert len(ours) >= 10
    assert ours - set(MODELS) == set()
    assert [model for model, page in admin.site._registry.items() if not isinstance(page, StaffAdmin)] == []


@each_model
def test_the_list_answers_every_search(model: type[Model], as_boss: Client, boss: User, everything: Everything) -> None:
    answer = drawn(as_boss, address(model, "changelist"), {"q": ""})
    assert len(answer.context["cl"].result_list) >= 1, "no data: the test would show nothing"
    assert answer.context["cl"].search_fields
    party = everything.parties[2]
    for search in (
        "friday",
        "#3",
        "12",
        str(party.pk),
        everything.line.code,
        'two "words',
        "%_\\",
        "99999999999999999999",
    ):
        assert context_of_list(model, boss, {"q": search})["cl"].result_list is not None


@each_model
def test_the_list_answers_with_each_filter(model: type[Model], as_boss: Client, boss: User) -> None:
    filters = context_of_list(model, boss)["cl"]
    assert filters.filter_specs
    queries = [choice["query_string"] for spec in filters.filter_specs for choice in spec.choices(filters)]
    assert len(queries) >= 2
    for query in queries:
        list(
            context_of_list(model, boss, dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True)))[
                "cl"
            ].result_list
        )
    assert as_boss.get(address(model, "changelist") + queries[-1]).status_code == 200


@each_model
def test_the_list_is_ordered_by_its_columns(model: type[Model], boss: User) -> None:
    every = ".".join(f"-{number}" for number in range(1, len(context_of_list(model, boss)["cl"].list_display)))
    assert list(context_of_list(model, boss, {"o": every})["cl"].result_list)


@each_model
def test_a_row_has_a_page(model: type[Model], as_boss: Client) -> None:
    answer = drawn(as_boss, address(model, "change", a_row(model).pk))
    assert str(a_row(model)).encode() in answer.content or model._meta.app_label == "axes"


@each_model
def test_the_list_asks_no_query_per_row(
    model: type[Model], as_boss: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    # Session, user, the count, the rows, the filters' choices; date hierarchies ask three more.
    with django_assert_max_num_queries(13):
        assert as_boss.get(address(model, "changelist")).status_code == 200


@pytest.fixture(params=["boss", "clerk"])
def who(request: pytest.FixtureRequest) -> tuple[str, User, Client]:
    return request.param, request.getfixturevalue(request.param), request.getfixturevalue(f"as_{request.param}")


@each_model
def test_what_has_no_command_cannot_be_written(model: type[Model], who: tuple[str, User, Client]) -> None:
    name, user, client = who
    allowed = (WRITABLE if name == "boss" else WRITABLE_BY_STAFF).get(model._meta.label, set())
    row, before = a_row(model), rows_of(model)
    paths = {
        "add": address(model, "add"),
        "change": address(model, "change", row.pk),
        "delete": address(model, "delete", row.pk),
    }
    for what, path in paths.items():
        if what in allowed:
            assert client.get(path).status_code == 200, path
        else:
            data = {field.name: "1" for field in model._meta.fields} | {"post": "yes"}
            assert client.post(path, data).status_code == 403, path
    assert rows_of(model) == before
    if name == "clerk" and model._meta.app_label == "axes":
        assert client.get(address(model, "changelist")).status_code == 403, "sign-ins are for superusers"
        return
    actions = context_of_list(model, user)["action_form"]
    choices = dict(actions.fields["action"].choices) if actions else {}
    assert ("delete_selected" in choices) == ("delete" in allowed)


def test_the_list_and_the_page_cannot_smuggle_a_change_in(as_boss: Client, everything: Everything) -> None:
    """Neither editable columns nor a POST of a read-only form."""
    party = everything.parties[10]
    as_boss.post("/admin/queues/party/", {"_save": "1", "form-0-id": str(party.pk), "form-0-name": "Eve"})
    as_boss.post(
        "/admin/queues/party/", {"action": "delete_selected", "_selected_action": [str(party.pk)], "post": "yes"}
    )
    assert Party.objects.get(pk=party.pk).name == party.name


def test_the_first_page_is_cheap(
    as_boss: Client, everything: Everything, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_max_num_queries(10):
        assert as_boss.get("/admin/").status_code == 200


def test_big_tables_are_counted_to_a_limit(everything: Everything, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.admin.MOST_COUNTED", 7)
    assert CappedPaginator(Party.objects.order_by("pk"), 5).count == 7
