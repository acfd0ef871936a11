"""Django's settings of people: accounts, signing in, sessions, mail; how long guests' data is kept. Part of settings.py."""

from core import environment as env

# ------------------------------------------------------------------------------------------------------------------ people
AUTH_USER_MODEL = "venues.User"
# Off: no person can sign in with a password of this program.
LOCAL_PASSWORDS = env.flag("LOCAL_PASSWORDS", default=True)
AUTHENTICATION_BACKENDS = [
    *([] if LOCAL_PASSWORDS else ["venues.people.NoPasswords"]),
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "lines"
LOGOUT_REDIRECT_URL = "home"
# A wrong password locks the account for this address only: a stranger must not lock a host out.
AXES_FAILURE_LIMIT = 10
# As the forms call it. Left out, django-axes takes the user model's field, finds no such field in the form, and locks no account.
AXES_USERNAME_FORM_FIELD = "username"
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "core.addresses.stored_address"
AXES_LOCKOUT_TEMPLATE = "host/locked_out.html"

# django-allauth (decision 0059). Accounts are made by invitation or by staff, and have one address: User.email.
ACCOUNT_ADAPTER = "venues.people.Accounts"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
# Ours count instead (core/rate_limits.py, django-axes): its own are kept per process and can be overrun.
ACCOUNT_RATE_LIMITS = False
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_FORMS = {"reauthenticate": "venues.second_step.PasswordAgainForm"}
MFA_ADAPTER = "venues.second_step.SecondSteps"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "activate_totp": "venues.second_step.FirstCodeForm",
    "authenticate": "venues.second_step.CodeForm",
    "reauthenticate": "venues.second_step.CodeAgainForm",
    "authenticate_webauthn": "venues.second_step.KeyForm",
    "login_webauthn": "venues.second_step.KeyAloneForm",
    "reauthenticate_webauthn": "venues.second_step.KeyAgainForm",
    "add_webauthn": "venues.second_step.NewKeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Tallyline"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RATE_LIMITS = False
# Browsers offer passkeys to https:// and to http://localhost only; the latter is what `make run` is tried on.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not env.flag("HTTPS", default=False)
# Another service that signs people in, by OpenID Connect; none without its address.
OIDC_ISSUER = env.secure_address("OIDC_ISSUER", env.text("OIDC_ISSUER"))
OIDC_NAME = env.text("OIDC_NAME", "single sign-on") if OIDC_ISSUER else ""
# Its addresses are its people's own although it does not say so (the claim `email_verified`).
OIDC_TRUST_ADDRESSES = env.flag("OIDC_TRUST_ADDRESSES", default=False)
_oidc = {
    "provider_id": "oidc",
    "name": OIDC_NAME,
    "client_id": env.text("OIDC_CLIENT_ID"),
    "secret": env.text("OIDC_CLIENT_SECRET"),
    "settings": {"server_url": OIDC_ISSUER},
}
SOCIALACCOUNT_ADAPTER = "venues.single_sign_on.SingleSignOn"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [_oidc] if OIDC_ISSUER else [], "OAUTH_PKCE_ENABLED": True}}
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

# Whether a stranger may make a venue of their own; `make run` with the demo says so.
SIGN_UP = env.flag("SIGN_UP", default=False)

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("HTTPS", default=False)
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Lax"

# -------------------------------------------------------------------------------------------------------------------- mail
# The mail server, e.g. smtp+tls://user:password@smtp.example.com:587. Without one mails are kept in DATA_DIR/mail.
EMAIL_URL = env.text("EMAIL_URL")
_mail_server = env.mail_server(EMAIL_URL)
EMAIL_BACKEND = "mail.in_time.InTime" if EMAIL_URL else "mail.kept.KeptMail"
EMAIL_HOST, EMAIL_PORT = _mail_server["host"], _mail_server["port"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail_server["user"], _mail_server["password"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail_server["starttls"], _mail_server["tls"]
# Seconds for each answer of the server; mail/in_time.py limits the whole letter.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Tallyline <tallyline@localhost>")

# ------------------------------------------------------------------------------------------------------------------ guests
# Days after the close of a line or room, where its venue chose no other number (retention/).
RETENTION_DAYS = env.number("RETENTION_DAYS", 30, least=1, most=3650)
