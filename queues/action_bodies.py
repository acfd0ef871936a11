"""Bodies of POST /api/queue/{code}/actions: what a host's device has kept while it had no network (decision 0076)."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from web.bodies import EXAMPLE_ID, Body, default
from web.body_types import Identifier, Milliseconds, Text, Texts, Whole


class Button(Text, longest=24):
    """A button of the console by the name in its path."""


class Saw(Text, longest=40, blank=True):
    """What a form showed of the thing that its button is about (queues/seen.py)."""


class Version(Whole, most=2**53):
    """A version of a line."""


class FormFields(Texts):
    """The other fields of the button's form."""


class ActionBody(Body):
    """An action of a host. `id` is made by the device, `version` is that of the list that the host saw. `after`: the device's own
    action before this one on the same party, if that list did not show it yet."""

    example: ClassVar[dict[str, Any]] = {
        "id": EXAMPLE_ID, "action": "seat", "party": EXAMPLE_ID, "saw": "waiting", "version": 12,
    }  # fmt: skip

    id: Identifier
    action: Button
    party: Identifier | None = None
    saw: Saw = default(Saw())
    version: Version | None = None
    pressedAt: Milliseconds | None = None
    after: Identifier | None = None
    fields: FormFields = default(FormFields())


class ActionsBody(Body):
    """POST .../actions: what a host's device sends, in the order in which it was pressed."""

    example: ClassVar[dict[str, Any]] = {"actions": [ActionBody.example]}
    MOST: ClassVar[int] = 16

    actions: Annotated[list[ActionBody], Meta(min_length=1, max_length=MOST)]


class SentActions(Body):
    """The same, read action by action, for one that is wrong must not cost the others."""

    actions: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=ActionsBody.MOST)]


class ActionId(Body):
    """Of an action the id alone, without which it can have no outcome."""

    id: Identifier
