"""People: their accounts, and their roles in venues."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from venues import commands
from venues.models import Invitation, Membership, User
from web.admin import ManagedAdmin, StaffAdmin, is_manager, take_over
from web.admin_actions import actor_of
from web.admin_columns import column, time_of

INVITED, EXPIRES = time_of("invited_at", "Invited"), time_of("expires_at", "Expires")
ACCEPTED, REVOKED = time_of("accepted_at", "Accepted"), time_of("revoked_at", "Revoked")

# Rights have two levels, staff and superuser (web/admin.py); groups would be a third that nothing asks for.
admin.site.unregister(Group)


class NewUserForm(UserCreationForm):
    """An account and its first password."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "is_staff", "is_superuser")
        field_classes: ClassVar[dict[str, type]] = {}


class PasswordForm(AdminPasswordChangeForm):
    """Sets a person's password, by the command."""

    user: User

    def save(self, commit: bool = True) -> User:
        usable = self.cleaned_data.get("set_usable_password", True)
        self.user = commands.set_password(
            user_id=self.user.pk, password=self.cleaned_data["password1"] if usable else None
        )
        return self.user


@admin.register(User)
class UserAdmin(ManagedAdmin, DjangoUserAdmin):
    """Accounts. They are shut (not active), never deleted: the log says who did what."""

    form = forms.ModelForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    list_display = ("email", "full_name", "works_for", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", ("venues", admin.RelatedFieldListFilter))
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("works_for", "last_login", "date_joined")
    add_fieldsets = (
        (None, {"fields": ("email", "usable_password", "password1", "password2")}),
        ("Person", {"fields": ("first_name", "last_name")}),
        ("Rights", {"fields": ("is_staff", "is_superuser")}),
    )
    fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "works_for")}),
        (
            "Rights",
            {
                "fields": ("is_active", "is_staff", "is_superuser"),
                "description": "Staff may look at everything here and act on lines; superusers also manage venues, "
                "people and keys. A host needs neither: they need a role in a venue.",
            },
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships__venue")

    full_name = column("Name", lambda user: user.get_full_name(), ordering="last_name")
    works_for = column(
        "Works for", lambda user: ", ".join(f"{one.venue} ({one.role})" for one in user.memberships.all())
    )

    @method_decorator(sensitive_post_parameters("password1", "password2"))
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        # Not DjangoUserAdmin's, which opens a transaction (see web/admin_forms.py).
        return self._add_view(request, form_url, extra_context)

    def shown(self, row: User) -> dict[str, Any]:
        names = ("email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")
        return {name: getattr(row, name) for name in names}

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in ("email", "first_name", "last_name")}
        rights = {name: form.cleaned_data[name] for name in ("is_staff", "is_superuser")}
        if change:
            active = form.cleaned_data["is_active"]
            saved = commands.change_user(user_id=obj.pk, is_active=active, saw=self.saw(request), **fields, **rights)
        else:
            usable = form.cleaned_data.get("set_usable_password", True)
            password = form.cleaned_data["password1"] if usable else None
            saved = commands.create_user(password=password, **fields, **rights, key=self.form_key(request))
        take_over(obj, saved)

    def made_with(self, request: HttpRequest, key: str) -> User | None:
        return commands.made_with(User, key)


class NewMemberForm(forms.ModelForm):
    """A person by e-mail: an account that exists, or a new one with its first password."""

    email = forms.EmailField(widget=UnfoldAdminEmailInputWidget())
    password = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="For a new account only.",
    )

    class Meta:
        model = Membership
        fields = ("venue", "role")

    def clean(self) -> dict[str, Any]:
        """A known person needs no password, and must not lose the one they have; a new one needs one that will do."""
        data = super().clean() or self.cleaned_data
        email, password = data.get("email", "").strip().lower(), data.get("password")
        known = User.objects.filter(email=email).first()
        if known is None:
            if email and not password:
                self.add_error("password", "There is no account with this address yet: give it a password.")
            elif password:
                try:
                    validate_password(password, User(email=email))
                except ValidationError as problem:
                    self.add_error("password", problem)
        elif password:
            self.add_error("password", "This person has a password. Change it on their own page.")
        if known and data.get("venue") and known.memberships.filter(venue=data["venue"]).exists():
            self.add_error("email", "This person works for this venue already.")
        return data


@admin.register(Membership)
class MembershipAdmin(ManagedAdmin):
    """Who works where, and as what."""

    list_display = ("user", "venue", "role")
    list_filter = ("role", "venue")
    list_select_related = ("user", "venue")
    search_fields = ("user__email", "user__first_name", "user__last_name", "venue__name")
    ordering = ("venue__name", "user__email")

    @method_decorator(sensitive_post_parameters("password"))
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        return super().add_view(request, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Membership | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewMemberForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return ("user", "venue", "role") if obj else ("venue", "email", "password", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return ("user", "venue") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)

    def shown(self, row: Membership) -> dict[str, Any]:
        return {"role": row.role}

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        data = form.cleaned_data
        if change:
            given: dict[str, Any] = {"role": data["role"], "saw": self.saw(request), "actor": actor_of(request)}
            saved = commands.change_role(venue_id=obj.venue_id, membership_id=obj.pk, **given)
        else:
            user = commands.create_host(
                email=data["email"],
                venue=obj.venue,
                role=data["role"],
                password=data.get("password") or None,
                key=self.form_key(request),
            )
            saved = Membership.objects.get(venue=obj.venue, user=user)
        take_over(obj, saved)

    def made_with(self, request: HttpRequest, key: str) -> Membership | None:
        return commands.made_with(Membership, key)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        commands.remove_member(membership_id=obj.pk, actor=actor_of(request))


@admin.register(Invitation)
class InvitationAdmin(StaffAdmin):
    """Who was invited, and what became of it. Owners invite, on their page of people."""

    list_display = ("venue", "role", "email", INVITED, EXPIRES, ACCEPTED, REVOKED)
    list_filter = ("role", "venue", "invited_at")
    list_select_related = ("venue",)
    search_fields = ("email", "venue__name")
    ordering = ("-invited_at",)
    fields: ClassVar[Any] = ("venue", "role", "email", "invited_by", INVITED, EXPIRES, "accepted_by", ACCEPTED, REVOKED)
