"""Django's settings, driven by the environment alone (core/environment.py; the list is in docs/variables.md)."""

from csp.constants import NONE, SELF

from config import broker
from config.log_lines import LOGGING as LOGGING
from config.people import *  # noqa: F403 — accounts, signing in, sessions, mail, retention
from core import environment as env
from core import redis_servers
from core.version import VERSION
from web.admin_theme import UNFOLD as UNFOLD

BASE_DIR = env.BASE_DIR
DATA_DIR = env.data_dir()
env.temporary_files_in(DATA_DIR)

DEBUG = env.flag("DEBUG", default=False)
# Behind TLS every cookie is Secure and browsers are told to stay there. Off only for plain HTTP on a local network.
HTTPS = env.flag("HTTPS", default=False)
SECRET_KEY = env.kept_secret("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# Origins, besides our own, whose pages may call /api/ and open sockets (contract queueup.md, CORS).
ALLOWED_ORIGINS = env.words("ALLOWED_ORIGINS")
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS
CSRF_FAILURE_VIEW = "config.pages.errors.without_proof"
# Where `GET /queue/{code}` sends guests of an old front end; empty: our own guest page.
APP_BASE_URL = env.text("APP_BASE_URL")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_vite",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # Ours.
    "venues", "queues", "polls", "rooms", "outbox", "mail", "reach", "push", "analytics", "webhooks", "guests",
    "retention", "web", "config", "devserver",
]  # fmt: skip

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "core.identifiers.CanonicalPaths",
    "web.static_files.StaticFiles",
    "web.charsets.KnownCharset",
    "core.headers.ContentSecurityPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.languages.GuestLanguage",
    "django.middleware.common.CommonMiddleware",
    "web.browsers.KnownBrowsers",
    "web.csrf.FormsOfOurPages",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "venues.devices.in_templates",
            ],
            "builtins": ["web.templatetags.icons"],
        },
    },
]

# ---------------------------------------------------------------------------------------------- Postgres, the only truth
DATABASE_URL = env.served("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/tallyline")
# Further databases that hold ballots (polls/nodes.py): append only, for polls name them by their place.
BALLOT_DATABASE_URLS = env.database_urls("BALLOT_DATABASE_URLS")
DATABASES = {"default": env.database(DATABASE_URL)} | {
    f"ballots{number}": {**env.database(url), "ENGINE": "core.watched_postgres"}
    for number, url in enumerate(BALLOT_DATABASE_URLS, 1)
}
DATABASE_ROUTERS = ["polls.nodes.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ------------------------------------------------------------------------------- Redis: may lose everything at any moment
REDIS_URL = env.served("REDIS_URL", "redis://127.0.0.1:6379/0")
# Longer than this, and Redis counts as down: mutations and pages go on without it.
REDIS_TIMEOUT_S = 0.5
SNAPSHOT_TTL_S = 30

# ------------------------------------------------------------------------------------------------- Celery: only a wake-up
CELERY_BROKER_URL, _of_sentinels = redis_servers.broker(env.text("CELERY_BROKER_URL"), redis_url=REDIS_URL)
# Celery prefers the variable CELERY_BROKER_URL to the setting of that name, and these two to both.
CELERY_BROKER_READ_URL = CELERY_BROKER_WRITE_URL = CELERY_BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever
# Also after errors that the broker answers with (config/worker.py waits between the tries).
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
# Said, because Celery warns each time a connection is lost while it is not. Ours are acknowledged when taken.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_CONSUMER = "config.worker:PatientConsumer"
CELERY_BROKER_TRANSPORT_OPTIONS = {**broker.transport_options(CELERY_BROKER_URL), **_of_sentinels}
# Seconds between signs of life on a connection to RabbitMQ; one that misses two is replaced.
CELERY_BROKER_HEARTBEAT = 10
# Celery closes its connections of Postgres before and after every task unless it is told how often to use them; a new one
# costs more than the task. outbox/tasks.py replaces those that broke.
CELERY_DB_REUSE_MAX = 1_000_000_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TASK_DEFAULT_QUEUE = "tallyline"
CELERY_TASK_DEFAULT_QUEUE_TYPE = broker.queue_type(CELERY_BROKER_URL)

# Nothing is kept in Django's cache: what several processes share is in Postgres or, on hot paths, in Redis.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

# -------------------------------------------------------------------------------------------------------------- the server
# Law 6: everything but the hot paths enters Django as one job on this many persistent threads per process.
DJANGO_THREADS = env.number("DJANGO_THREADS", 4, least=1, most=256)
# Connections a web process serves at once, sockets included; some of the files it may open are for Postgres and Redis.
WEB_CONNECTIONS = env.number("WEB_CONNECTIONS", max(64, min(20_000, env.open_files() - 256)), least=1, most=1_000_000)
# config/bodies.py says where each holds.
API_BODY_LIMIT = 16 * 1024
LINE_BODY_LIMIT = 32 * 1024
POLL_BODY_LIMIT = 512 * 1024
PAGE_BODY_LIMIT = 2 * 1024 * 1024
# A photo from which a logo is made: venues/logos.py refuses what is larger, beside its field.
LOGO_BODY_LIMIT = 16 * 1024 * 1024
# How many of the nearest hops of X-Forwarded-For are our own proxies.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, least=0, most=10)
RATE_LIMITS = env.flag("RATE_LIMITS", default=True)
# Opens /metrics to who sends it (Authorization: Bearer); without one only programs of this machine may read them.
METRICS_TOKEN = env.text("METRICS_TOKEN")
# Guests that may come as one party to a line that belongs to no venue; a venue says its own number.
LARGEST_PARTY = env.number("LARGEST_PARTY", 24, least=1, most=1_000)
# The version of the rules by which lines quote waits that open from now on (queues/quotes).
QUOTE_MODEL = env.number("QUOTE_MODEL", 3, least=1, most=99)

# ---------------------------------------------------------------------------------------------------------------- security
SECURE_SSL_REDIRECT = False  # the proxy that ends TLS does that; see docs/proxies.md
# W008 would have it redirect here; W003 looks for the middleware that web/csrf.py is made of.
SILENCED_SYSTEM_CHECKS = ["security.W008", "security.W003"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# What no page of ours asks a phone for. A ticket may keep the screen awake, and a wall fill it.
PERMISSIONS_POLICY: dict[str, list[str]] = {
    **{
        name: []
        for name in (
            "camera",
            "display-capture",
            "geolocation",
            "hid",
            "microphone",
            "midi",
            "payment",
            "serial",
            "usb",
        )
    },
    "fullscreen": ["self"],
    "screen-wake-lock": ["self"],
}
CONTENT_SECURITY_POLICY = {
    # The admin's theme (Alpine.js) evaluates expressions; its pages are given that, and only they (core/headers.py).
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "img-src": [SELF, "data:"],
    },
}

# ---------------------------------------------------------------------------------------------------------- language, time
LANGUAGE_CODE = "en"
USE_I18N = True
# The languages of guest pages and pushes (core/languages.py).
LANGUAGES = [("en", "English"), ("es", "Español"), ("ja", "日本語")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
USE_TZ = True
# Hours of a line without a venue and without a zone are read in this zone.
TIME_ZONE = env.text("TIME_ZONE", "UTC")

# ------------------------------------------------------------------------------------------------------------ static files
STATIC_URL = "/static/"
# On a read-only root file system, as all that is made at run time, in DATA_DIR; an image brings its own along.
STATIC_ROOT = env.made_in(BASE_DIR, DATA_DIR, "staticfiles")
# What `npm run build` made of frontend/ (the Makefile does it): names that change with their content, for ever the same.
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]
DJANGO_VITE = {"default": {"manifest_path": STATICFILES_DIRS[0] / "assets.json"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8}\.\w+$"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

# ------------------------------------------------------------------------------------------------------------------- API
REST_FRAMEWORK = {
    "DEFAULT_PARSER_CLASSES": ["web.api.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["web.api.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "web.api.AnyAccept",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["venues.scopes.WithinScopes"],
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "web.api.error_answer",
    "DEFAULT_SCHEMA_CLASS": "web.openapi.Schema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tallyline",
    "DESCRIPTION": "Live waitlists and live votes for restaurants.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_URLCONF": "config.api_urls",
    # Enums stay inline: generated names would change with every field that is added.
    "POSTPROCESSING_HOOKS": ["web.openapi.finish"],
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True, "withCredentials": True},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
# Checked on create and join only when a secret is configured (contract queueup.md).
TURNSTILE_SECRET = env.text("TURNSTILE_SECRET")
TURNSTILE_URL = env.text("TURNSTILE_URL", "https://challenges.cloudflare.com/turnstile/v0/siteverify")

# -------------------------------------------------------------------------------------------------------------------- push
VAPID_PRIVATE_KEY = env.kept_secret("VAPID_PRIVATE_KEY")
VAPID_SUBJECT = env.text("VAPID_SUBJECT", "mailto:push@tallyline.invalid")
# Hosts (host or host:port) trusted as push services besides the browsers' own; only these may be plain HTTP or private.
PUSH_EXTRA_HOSTS = env.words("PUSH_EXTRA_HOSTS")
PUSH_TIMEOUT_S = 5.0

# ---------------------------------------------------------------------------------------------------------------- webhooks
# Hosts (host or host:port) of programs, and of SMS gateways, that may be told over plain HTTP and at private addresses.
WEBHOOK_EXTRA_HOSTS = env.words("WEBHOOK_EXTRA_HOSTS")
WEBHOOK_TIMEOUT_S = 10.0
TEXT_EXTRA_HOSTS = env.words("TEXT_EXTRA_HOSTS")
TEXT_TIMEOUT_S = 10.0
TWILIO_API_URL = env.text("TWILIO_API_URL", "https://api.twilio.com")
