"""Every column that can hold a text is declared: as personal with what forgets it, as a worker's, or as nobody's."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.module_loading import import_string

from retention import table
from retention.declared import GUESTS, NOBODYS, WORKERS

TEXTS = (
    models.CharField, models.TextField, models.JSONField, models.BinaryField, models.GenericIPAddressField,
    models.FileField, ArrayField,
)  # fmt: skip


def columns() -> Iterator[tuple[str, str]]:
    """Those of all models; one whose values are a list of ours can name nobody."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if isinstance(field, TEXTS) and not field.choices:
                yield model._meta.label, field.name


def test_every_column_that_can_hold_a_text_is_declared_once() -> None:
    declared = [(label, name) for each in (GUESTS, WORKERS, NOBODYS) for label, names in each.items() for name in names]
    assert len(set(declared)) == len(declared), "a column is declared twice"
    there = set(columns())
    assert sorted(there - set(declared)) == [], "say in retention/declared.py whose these are, and what forgets them"
    assert sorted(set(declared) - there) == [], "there are no such columns any more"


def test_what_forgets_exists_and_a_slice_that_forgets_lines_is_in_the_table() -> None:
    forgets = {path for names in GUESTS.values() for path in names.values()}
    for path in forgets:
        assert callable(import_string(path))
    of_lines = {path for path in forgets if path.endswith(".personal.forget") and not path.startswith("rooms.")}
    assert of_lines == {each.forget for each in table.SLICES}


@pytest.mark.parametrize("each", table.SLICES, ids=lambda each: each.name)
def test_each_slice_of_the_table_names_functions_that_exist(each: table.Slice) -> None:
    assert callable(import_string(each.forget))
    assert callable(import_string(each.export))
