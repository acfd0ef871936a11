"""Staff look at how long venues keep guests' data, which owners choose on /venue/privacy; and erase a guest, for a reason."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from queues.admin.parties import ALWAYS, PartyAdmin
from queues.models import Party
from retention import commands
from retention.models import Keeping
from retention.rules import REASONS
from web.admin import StaffAdmin
from web.admin_actions import Button, actor_of


@admin.action(description="Erase the guest's data, for a reason")
def erase_guest(page: PartyAdmin, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
    """Asks why, then erases each chosen party."""
    rows = queryset.select_related("queue").order_by("queue_id", "ticket")
    asked = page.confirm(
        request,
        rows,
        action="erase_guest",
        title="Erase the data of these guests?",
        what="Names, notes, messages, numbers and addresses go now, also from the log. A party in line leaves it. For good.",
        losses=[_named(party) for party in rows],
        reasons=REASONS,
    )
    if asked is not None:
        return asked
    reason, actor = request.POST.get("reason", ""), actor_of(request)
    return page.run(
        request,
        rows,
        lambda party: commands.erase_party(party.queue_id, party_id=party.pk, reason=reason, actor=actor),
        done="Erased",
        name=_named,
    )


def _named(party: Party) -> str:
    return f"no. {party.ticket} of {party.queue}"


PartyAdmin.offer(erase_guest, Button("erase_guest", "Erase the guest's data"), when=ALWAYS)


@admin.register(Keeping)
class KeepingAdmin(StaffAdmin):
    """The choice of a venue."""

    list_display = ("venue", "days")
    search_fields = ("venue__name",)
    list_filter = ("days",)
    ordering = ("venue__name",)
