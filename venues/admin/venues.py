"""Venues and the keys of their programs."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from venues import commands, keys
from venues.key_form import StaffKeyForm
from venues.models import NO_ZONE, ApiKey, Venue
from venues.origins import origin_of
from venues.standing import VenueLogo, VenueSlug
from web.admin import ManagedAdmin, StaffAdmin, take_over
from web.admin_actions import actor_of
from web.admin_columns import column, link, link_to, list_of


@admin.register(Venue)
class VenueAdmin(ManagedAdmin):
    """Restaurants, with the way to their people, keys and lines."""

    list_display = ("name", "slug", "timezone")
    list_filter = ("created_at",)
    search_fields = ("name", "slug", "timezone")
    fields = ("name", "slug", "timezone", "largest_party", "day_ends", "passed_over", "people", "more", "created_at")
    readonly_fields = ("people", "more", "created_at")

    def get_form(self, request: HttpRequest, obj: Venue | None = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["help_texts"] = {
            "timezone": "Such as America/New_York. Its lines’ hours and times of day are read and told by this clock; with"
            f" {NO_ZONE} it has none: hours are only shown, and times are told as spans."
        }
        return super().get_form(request, obj, change, **kwargs)

    @display(description="People")
    def people(self, venue: Venue) -> str:
        """Who works here."""
        members = venue.memberships.select_related("user").order_by("role", "user__email")
        lines = ((link_to(one.user), one.get_role_display()) for one in members)
        return format_html_join("", "<div>{}, {}</div>", lines) or "Nobody yet."

    @display(description="See also")
    def more(self, venue: Venue) -> str:
        """Links to what belongs to the venue."""
        lists = (
            ("Services", "venues_service"),
            ("Tables", "venues_table"),
            ("Lines", "queues_queue"),
            ("Memberships", "venues_membership"),
            ("API keys", "venues_apikey"),
            ("Addresses", "venues_venueslug"),
        )
        links = ((link(list_of(model, venue__id__exact=venue.pk), text),) for text, model in lists)
        return format_html_join(" · ", "{}", links)

    def shown(self, row: Venue) -> dict[str, Any]:
        names = ("name", "slug", "timezone", "largest_party", "day_ends", "passed_over")
        return {name: getattr(row, name) for name in names}

    def save_model(self, request: HttpRequest, obj: Venue, form: Any, change: bool) -> None:
        data = {
            "name": form.cleaned_data["name"],
            "timezone_name": form.cleaned_data["timezone"],
            "largest_party": form.cleaned_data["largest_party"],
            "day_ends": form.cleaned_data["day_ends"],
            "passed_over": form.cleaned_data["passed_over"],
            "slug": form.cleaned_data["slug"],
        }
        if change:
            data |= {"slug": data["slug"] or None, "saw": self.saw(request)}
            saved = commands.change_venue(venue_id=obj.pk, actor=actor_of(request), **data)
        else:
            saved = commands.create_venue(**data, key=self.form_key(request))
        take_over(obj, saved)

    def made_with(self, request: HttpRequest, key: str) -> Venue | None:
        return commands.made_with(Venue, key)


@admin.register(VenueSlug)
class VenueSlugAdmin(StaffAdmin):
    """The addresses that venues have or once had."""

    list_display = ("__str__", "venue", "since")
    list_filter = ("venue", "since")
    list_select_related = ("venue",)
    search_fields = ("slug", "venue__name")


@admin.register(VenueLogo)
class VenueLogoAdmin(StaffAdmin):
    """The logos of venues."""

    list_display = ("__str__", "venue", "digest")
    list_filter = ("venue__created_at",)
    list_select_related = ("venue",)
    search_fields = ("venue__name", "digest")
    fields = ("venue", "digest", "shown")

    @display(description="Picture")
    def shown(self, logo: VenueLogo) -> str:
        """The logo."""
        return format_html('<img src="{}" alt="" height="64">', logo.venue.logo_url)


@admin.register(ApiKey)
class ApiKeyAdmin(ManagedAdmin):
    """Keys of programs. A key is on the page that answers its making, also when that form is sent again, and nowhere else."""

    form = StaffKeyForm
    list_display = (
        "name",
        "venue",
        "starts_with",
        "may",
        "state",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "venue", "created_at", "expires_at")
    list_select_related = ("venue",)
    search_fields = ("name", "prefix", "venue__name")
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return (
            ("venue", "name", "starts_with", "may", "state", "created_at", "last_used_at", "expires_at", "revoked_at")
            if obj
            else ("venue", "name", "scopes", "expires")
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    starts_with = column("Starts with", lambda key: f"{key.prefix}…")
    state = column(
        "State",
        lambda key: "revoked" if key.revoked_at else "expired" if keys.is_over(key) else "valid",
        ordering="revoked_at",
        colours={"valid": "success", "revoked": "danger", "expired": "danger"},
    )
    may = column("May", lambda key: ", ".join(key.scopes))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        data = {"venue": obj.venue, "name": form.cleaned_data["name"], "origin": origin_of(request), **form.chosen}
        saved, key = commands.create_api_key(**data, key=self.form_key(request), actor=actor_of(request))
        take_over(obj, saved)
        obj.shown_once = key  # type: ignore[attr-defined]

    def made_with(self, request: HttpRequest, key: str) -> ApiKey | None:
        made = commands.made_with(ApiKey, key)
        if made is not None:
            made.shown_once = keys.key_made_with(key)  # type: ignore[attr-defined]
        return made

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        self.answered(request)
        # Answered at once rather than by a redirect and a message: those would keep the key in a cookie or a session.
        context = {
            **self.admin_site.each_context(request),
            "title": "The new key",
            "opts": self.opts,
            "row": obj,
            "key": cast(Any, obj).shown_once,
        }
        return TemplateResponse(request, "admin/tallyline/new_key.html", context)

    @admin.action(description="Revoke: the key stops working at once", permissions=["manage"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse | None:
        """Ends the chosen keys."""

        def command(key: ApiKey) -> bool:
            if key.revoked_at:
                return False
            commands.revoke_api_key(key_id=key.pk, actor=actor_of(request))
            self.log_change(request, key, "Revoked.")
            return True

        return self.run(request, queryset, command, done="Revoked")
