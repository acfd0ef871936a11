"""Polls, their choices and codes."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from core import clock
from core.actors import Actor
from core.clock import milliseconds
from core.snapshots import snapshot
from outbox.log import log_of
from polls import commands, exports, reconcile, rules, selectors, shapes
from polls.admin.forms import NewPollForm
from polls.models import Choice, OneTimeCode, Poll
from polls.rules import Viewer
from web.admin import BACK, StaffAdmin, take_over
from web.admin_actions import Button, DeletableAdmin, actor_of, command_action
from web.admin_columns import column, link, link_to, list_of, page_of, time_of
from web.admin_filters import choice_filter

MOST_SHARDS_SHOWN = 32
MOST_PROBLEMS_SHOWN = 20
VERBS = {
    "POLL_CREATED": "made the poll",
    "POLL_EDITED": "rewrote the draft",
    "POLL_OPENED": "opened it",
    "POLL_CLOSED": "closed it",
    "POLL_SEALED": "published the digest of its ballots",
    "POLL_RESET": "threw all ballots away and opened it again",
    "POLL_CODES_ADDED": "made one-time codes",
    "POLL_TOKEN_RENEWED": "ended all host tokens given so far",
}
STATUS_COLOURS = {"draft": "", "early": "warning", "open": "success", "closed": "info"}
CREATED, OPENED, CLOSED = time_of("created_at", "Made"), time_of("opened_at", "Opened"), time_of("closed_at", "Closed")
STARTS, ENDS = time_of("starts_at", "Start"), time_of("ends_at", "End")


_OVER, _EARLY = Q(status=rules.OPEN, ends_at__lte=clock.NOW), Q(starts_at__gt=clock.NOW)
# The stored status is "open" also of early polls, and of ended ones until the sweep.
PHASES = {
    rules.DRAFT: Q(status=rules.DRAFT),
    rules.EARLY: Q(status=rules.OPEN) & _EARLY & ~_OVER,
    rules.OPEN: Q(status=rules.OPEN) & ~_EARLY & ~_OVER,
    rules.CLOSED: Q(status=rules.CLOSED) | _OVER,
}


@admin.register(Poll)
class PollAdmin(DeletableAdmin):
    """A poll, how it stands, and its log."""

    delete_command = staticmethod(commands.delete)
    change_form_outer_before_template = "admin/tallyline/poll.html"
    list_display = ("question", "code", "state", "venue", "visibility", CREATED, "log")
    list_filter = (choice_filter("status", PHASES), "visibility", "dedupe", "venue", "created_at")
    list_select_related = ("venue",)
    search_fields = ("title", "code__iexact", "venue__name")
    search_help_text = "Title, code or venue"
    ordering = ("-created_at",)
    actions: Any = ("open_poll", "close", "reset", "recount")
    autocomplete_fields = ("venue", "queue")
    add_fieldsets = (
        (None, {"fields": ("title", "description", "choices", ("min_picks", "max_picks"), "open_now")}),
        ("Where", {"fields": ("venue", "queue")}),
        ("Rules", {"fields": ("visibility", "dedupe", "may_change", "shards", "work_bits")}),
        ("Times", {"fields": ("starts_at", "ends_at")}),
    )
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("title", "description", "code", "state", "venue", "line")}),
        ("Rules", {"fields": ("min_picks", "max_picks", "visibility", "dedupe", "may_change", "shards", "work_bits")}),
        ("Course", {"fields": (CREATED, OPENED, STARTS, ENDS, CLOSED, "epoch", "version", "root")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Poll]:
        return super().get_queryset(request).annotate(read_at=clock.NOW)

    # ------------------------------------------------------------------------------------------------------- adding
    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Poll | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_form(self, request: HttpRequest, obj: Poll | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewPollForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Poll, form: Any, change: bool) -> None:
        data = form.cleaned_data
        saved = commands.create(
            form.new_poll(),
            actor=actor_of(request),
            venue=data["venue"],
            queue=data["queue"],
            open_now=data["open_now"],
            key=self.form_key(request),
        )
        take_over(obj, saved)

    def made_with(self, request: HttpRequest, key: str) -> Poll | None:
        return commands.made_with(key, venue_id=request.POST.get("venue", ""))

    def losses(self, rows: Any) -> dict[str, str]:
        return {"ballots": f"{sum(map(_ballots, rows)):,}"}

    # ------------------------------------------------------------------------------------------------------ showing
    # A title of a program may be as long as its request (contract edge-poll.md).
    question = column("Title", lambda poll: Truncator(poll.title).chars(120), ordering="title")
    state = column("Status", lambda poll: _phase(poll), ordering="status", colours=STATUS_COLOURS)
    line = column("Line", lambda poll: link_to(poll.queue))
    log = column("Log", lambda poll: link(list_of("outbox_event", stream_id__exact=poll.pk), "events"))

    def page(self, row: Poll) -> dict[str, Any]:
        standing = selectors.current_row(row.pk)
        return {"buttons": _buttons(row), **(_tables(standing) if standing else {}), **log_of("poll", row, VERBS)}

    # ------------------------------------------------------------------------------------------------------ actions
    open_poll = command_action(commands.open_poll, "Open: let ballots in", done="Opened")
    close = command_action(commands.close, "Close: end the vote", done="Closed")

    @admin.action(description="Reset: throw all ballots away")
    def reset(self, request: HttpRequest, queryset: QuerySet[Poll]) -> HttpResponse | None:
        """Asks first: this cannot be undone."""
        asked = self.confirm(
            request,
            queryset,
            action="reset",
            title="Reset",
            what="All ballots are thrown away, and the vote is open again from nothing; where its end is past, until it is closed"
            " by hand. This cannot be undone.",
            losses=[f"{poll}: {_ballots(poll):,} ballots" for poll in queryset],
        )
        if asked is not None:
            return asked
        actor = actor_of(request)
        return self.run(request, queryset, lambda poll: _reset(poll, actor), done="Reset")

    @admin.action(description="Count again, and compare with what is shown")
    def recount(self, request: HttpRequest, queryset: QuerySet[Poll]) -> HttpResponse | None:
        """What `manage.py reconcile --poll` proves, of each. Reads all ballots."""
        for poll in queryset:
            with snapshot():
                wrong = [*reconcile.counted(poll.pk), *reconcile.shown(poll.pk), *reconcile.logged(poll.pk)]
            if not wrong:
                text = f"{poll}: counted again; ballots, tallies, totals and log agree."
                self.message_user(request, text, messages.SUCCESS)
                continue
            more = len(wrong) - MOST_PROBLEMS_SHOWN
            text = "; ".join(wrong[:MOST_PROBLEMS_SHOWN]) + (f"; and {more} more" if more > 0 else "")
            self.message_user(request, f"{poll}: {text}.", messages.ERROR)
        return HttpResponseRedirect(page_of(queryset[0])) if BACK in request.POST and len(queryset) == 1 else None


def _phase(poll: Poll) -> str:
    """The phase when this admin read the poll, else now."""
    return poll.phase_at(getattr(poll, "read_at", None) or clock.now())


def _reset(poll: Poll, actor: Actor) -> Poll:
    """Starts a new round; without an end where the old one is past."""
    over = poll.ends_at is not None and poll.ends_at <= clock.now()
    return commands.reset(poll.pk, ends_at=None if over else commands.KEEP, actor=actor)


def _ballots(poll: Poll) -> int:
    row = selectors.current_row(poll.pk)
    return row["ballots"] if row else 0


def _buttons(poll: Poll) -> list[Button]:
    recount = Button("recount", "Count again")
    reset = Button("reset", "Reset…")
    close = Button("close", "Close the poll", main=True, ask="Close this poll? Nobody can vote in it any more.")
    return {
        rules.DRAFT: [Button("open_poll", "Open the poll", main=True), recount],
        rules.EARLY: [close, recount, reset],
        rules.OPEN: [close, recount, reset],
        rules.CLOSED: [recount, reset],
    }[_phase(poll)]


def _tables(row: shapes.Row) -> dict[str, Any]:
    """The counts by choice and by shard, as tables."""
    view = shapes.results(row, Viewer(host=True), now_ms=milliseconds(clock.now()))
    choices = exports.rows(view)
    standing = [[row["text"], f"{row['voteCount']:,}", _part(row["percentage"])] for row in choices]
    shards = sorted(row["shardCounts"].items(), key=lambda item: int(item[0]))
    by_shard = [
        [
            shard,
            f"{sum(counts.values()):,}",
            _by_choice([(choices[int(n)]["text"], counts[n]) for n in sorted(counts, key=int)]),
        ]
        for shard, counts in shards[:MOST_SHARDS_SHOWN]
    ]
    return {
        "ballots": row["ballots"],
        "picks": exports.picks(view),
        "standing": {"headers": ["Choice", "Picked", "Of all ballots"], "rows": standing},
        "by_shard": {"headers": ["Shard", "Picks", "By choice"], "rows": by_shard} if row["shards"] > 1 else None,
        "shards_cut": MOST_SHARDS_SHOWN if len(shards) > MOST_SHARDS_SHOWN else 0,
    }


def _part(percentage: float) -> str:
    """A percentage, and a bar to look at."""
    return format_html(
        '<div style="min-width: 10rem">{} %<div class="bg-base-100 rounded-default dark:bg-base-800">'
        '<div class="bg-primary-600 h-1.5 rounded-default dark:bg-primary-500" style="width: {}%"></div></div></div>',
        percentage,
        percentage,
    )


def _by_choice(counts: list[tuple[str, int]]) -> str:
    """Choice by choice on one line; each set apart, for a text may run from right to left."""
    shortened = ((Truncator(text).chars(24), f"{count:,}") for text, count in counts)
    return format_html("<div>{}</div>", format_html_join(" · ", "<bdi>{}</bdi>: {}", shortened))


@admin.register(Choice)
class ChoiceAdmin(StaffAdmin):
    """What can be picked."""

    list_display = ("__str__", "number", "poll")
    list_filter = ("poll__status",)
    list_select_related = ("poll",)
    search_fields = ("text", "poll__title", "poll__code__iexact")
    ordering = ("-pk",)


@admin.register(OneTimeCode)
class OneTimeCodeAdmin(StaffAdmin):
    """One-time codes; only their hashes are stored."""

    list_display = ("poll",)
    list_filter = ("poll__status",)
    list_select_related = ("poll",)
    search_fields = ("poll__title", "poll__code__iexact")
    ordering = ("-pk",)
    fields: ClassVar[Any] = ("poll",)
