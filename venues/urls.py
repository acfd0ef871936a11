"""Routes of people: signing in, passwords, invitations, and what owners look after; and the look of their venues. django-allauth
finds its views by the names that begin with `account_`, `mfa_` and `usersessions_`."""

from django.urls import path

import web.converters  # noqa: F401 — registers <colour:...>
from venues.pages import (
    account,
    api_keys,
    invitations,
    kept_mail,
    look,
    passwords,
    people,
    sessions,
    setting_up,
    sign_in,
    sign_up,
    single_sign_on,
)
from venues.pages import second_step as step

urlpatterns = [
    path("sign-in", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-in", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-in/code", step.Step.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey", step.KeyAlone.as_view(), name="mfa_login_webauthn"),
    path("sign-in/with/<str:provider_id>", single_sign_on.begin, name="openid_connect_login"),
    path("sign-in/with/<str:provider_id>/back", single_sign_on.callback, name="openid_connect_callback"),
    path("sign-up", sign_up.sign_up, name="sign-up"),
    path("sign-out", sign_in.SignOut.as_view(), name="sign-out"),
    path("password/forgotten", passwords.Ask.as_view(), name="account_reset_password"),
    path("password/sent", passwords.sent, name="account_reset_password_done"),
    path("password/chosen", passwords.chosen, name="account_reset_password_from_key_done"),
    path("password/<str:uidb36>/<str:key>", passwords.Choose.as_view(), name="account_reset_password_from_key"),
    path("account", account.account, name="account"),
    path("account/password", passwords.Change.as_view(), name="account_change_password"),
    path("account/sessions", sessions.Sessions.as_view(), name="usersessions_list"),
    path("account/again", step.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("account/again/code", step.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("account/again/passkey", step.KeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/second-step", step.Steps.as_view(), name="mfa_index"),
    path("account/second-step/app", step.SetUpApp.as_view(), name="mfa_activate_totp"),
    path("account/second-step/app/off", step.TakeAppAway.as_view(), name="mfa_deactivate_totp"),
    path("account/second-step/codes", step.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("account/second-step/codes/new", step.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("account/passkeys", step.Keys.as_view(), name="mfa_list_webauthn"),
    path("account/passkeys/new", step.NewKey.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove", step.RemoveKey.as_view(), name="mfa_remove_webauthn"),
    path("invitation", invitations.invitation, name="invitation"),
    path("invitation/<str:token>", invitations.link, name="invitation-link"),
    path("venue/people", people.people, name="people"),
    path("venue/people/<int:member>/role", people.change_role, name="change-role"),
    path("venue/people/<int:member>/remove", people.remove, name="remove-member"),
    path("venue/people/invitations/<uuid:invitation>/revoke", people.revoke, name="revoke-invitation"),
    path("venue/mail", kept_mail.mails, name="kept-mails"),
    path("venue/mail/<uuid:mail_id>", kept_mail.mail, name="kept-mail"),
    path("venue/keys", api_keys.api_keys, name="api-keys"),
    path("venue/keys/<int:key_id>/end", api_keys.end_api_key, name="end-api-key"),
    path("venue", setting_up.settings, name="venue-settings"),
    path("venue/clock", setting_up.clock, name="venue-clock"),
    path("venue/look", setting_up.look, name="venue-look"),
    path("venue/words", setting_up.words, name="venue-words"),
    path("venue/logo", setting_up.logo, name="venue-logo"),
    # The number is raised when core/colours.py makes other tones of a colour.
    path("look/1/<colour:colour>", look.accent, name="accent"),
    path("logo/<slug:digest>", look.logo, name="logo"),
]
