"""Filters of the staff admin's lists."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest


class _ChoiceFilter(admin.SimpleListFilter):
    choices_of: Mapping[str, Q]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(choice, choice) for choice in self.choices_of]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.choices_of.get(self.value() or "", Q()))


def choice_filter(title: str, choices: Mapping[str, Q]) -> type[admin.SimpleListFilter]:
    """A filter by a fixed set of choices: the rows of each by its name. For a field's values Django would read the whole table.

    `title` also names the parameter in the list's address.
    """
    return type("ChoiceFilter", (_ChoiceFilter,), {"title": title, "parameter_name": title, "choices_of": choices})


def value_filter(field: str, values: Iterable[str]) -> type[admin.SimpleListFilter]:
    """A `choice_filter` of a field by its possible values."""
    return choice_filter(field, {value: Q(**{field: value}) for value in values})
