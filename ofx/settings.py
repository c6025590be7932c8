"""The one settings file: everything that differs between machines is read from the environment, and nonsense is loud.

docs/operations.md lists every variable; a law in tests/test_architecture.py fails when one is missing there.
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from ofx.embedded import paths

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """The variable's text, stripped, or the default where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_flag(name: str, default: bool = False) -> bool:
    """A yes/no variable. Raises ImproperlyConfigured on anything that is neither."""
    text = env(name, "1" if default else "0").lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}")


def env_int(name: str, default: int, low: int, high: int) -> int:
    """A whole-number variable within bounds. Raises ImproperlyConfigured otherwise."""
    text = env(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} must lie between {low} and {high}, not {value}")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list without empty parts."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def database_from(url: str) -> dict:
    """Django's database entry for a postgresql:// URL, with the connection pool of STACK.md."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL must start with postgresql://, not {parts.scheme}://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", "") or unquote(parts.hostname or "")
    pool = {"min_size": 2, "max_size": env_int("OFX_DB_POOL", 8, 2, 100), "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "ofx",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "") or ""),
        # 0.1 ms a request, and no 500s from dead connections in the pool after the database was restarted.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": pool, **query},
    }


OFX_HOME = paths.home()
OFX_ENV = env("OFX_ENV", "local")  # local | test | production
if OFX_ENV not in {"local", "test", "production"}:
    raise ImproperlyConfigured(f"OFX_ENV must be local, test or production, not {OFX_ENV!r}")
DEBUG = env_flag("OFX_DEBUG")
SECRET_KEY = env("OFX_SECRET_KEY") or ("" if OFX_ENV == "production" else paths.secret_key(OFX_HOME))
if not SECRET_KEY:
    raise ImproperlyConfigured("OFX_SECRET_KEY must be set when OFX_ENV=production")
# Keys that encrypt partner secrets at rest, newest first; older ones still decrypt (rotation).
FIELD_KEYS = env_list("OFX_FIELD_KEYS") or [SECRET_KEY]
OFX_PORT = env_int("OFX_PORT", 8000, 1, 65535)
OFX_BASE_URL = env("OFX_BASE_URL", f"http://127.0.0.1:{OFX_PORT}").rstrip("/")
ALLOWED_HOSTS = env_list("OFX_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = [OFX_BASE_URL]
OFX_DATA = Path(env("OFX_DATA")) if env("OFX_DATA") else None
METRICS_TOKEN = env("OFX_METRICS_TOKEN")  # what /metrics asks for; without it only this machine may ask
METRICS_DIR = Path(env("OFX_METRICS_DIR", str(OFX_HOME / "run" / "metrics")))  # shared by the web processes
OFX_TMF = Path(env("OFX_TMF")) if env("OFX_TMF") else None
DEMO_PASSWORD = env("OFX_DEMO_PASSWORD", "open-fibre-demo")
DEMO_SCALE = env("OFX_DEMO_SCALE", "full")  # small: a few thousand postcodes, for tests
if DEMO_SCALE not in {"small", "full"}:
    raise ImproperlyConfigured(f"OFX_DEMO_SCALE must be small or full, not {DEMO_SCALE!r}")
CLOCK_OFFSET = env_int("OFX_CLOCK_OFFSET", 0, -3_153_600_000, 3_153_600_000)  # seconds; tests and demonstrations only
if CLOCK_OFFSET and OFX_ENV == "production":
    raise ImproperlyConfigured("OFX_CLOCK_OFFSET is for tests and demonstrations, never with OFX_ENV=production")
# Hosts that connectors may reach although they are private addresses (the SSRF guard refuses all other such).
OUTBOUND_ALLOW = env_list("OFX_OUTBOUND_ALLOW", "" if OFX_ENV == "production" else "127.0.0.1,localhost")
SANDBOX_PORT = env_int("OFX_SANDBOX_PORT", 8100, 1, 65535)
SANDBOX_SMTP_PORT = env_int("OFX_SANDBOX_SMTP_PORT", 8125, 1, 65535)

# Sentences as vectors in the known-error search; without them it goes by words (docs/known_errors.md).
EMBEDDINGS = env_flag("OFX_EMBEDDINGS", True)

# The way to the partner (docs/hub.md). Times in seconds; tests shorten them.
HUB_LEASE_SECONDS = env_int("OFX_LEASE_SECONDS", 90, 2, 900)  # how long a claimed message is one worker's own
HUB_RETRY_SECONDS = env_int("OFX_RETRY_SECONDS", 5, 1, 3600)  # first pause after a failed try; doubles, with jitter
HUB_RETRY_CAP_SECONDS = env_int("OFX_RETRY_CAP_SECONDS", 21_600, 1, 86_400)  # the longest pause between two tries
HUB_MAX_ATTEMPTS = env_int("OFX_MAX_ATTEMPTS", 24, 1, 1000)  # with the pauses above: about three days
HUB_BREAKER_FAILURES = env_int("OFX_BREAKER_FAILURES", 5, 1, 1000)  # failures in a row that open an endpoint's breaker
HUB_BREAKER_SECONDS = env_int("OFX_BREAKER_SECONDS", 30, 1, 3600)  # its first pause; doubles up to 15 minutes
# How long after an order was made the signed links in its mails can be answered by.
ANSWER_LINK_DAYS = env_int("OFX_ANSWER_LINK_DAYS", 180, 1, 3650)
HUB_LEG_FUSE = env_int("OFX_LEG_FUSE", 60, 5, 10_000)  # messages about one case in ten minutes, then a person looks
HUB_RAW_DAYS = env_int("OFX_RAW_DAYS", 90, 1, 3650)  # bodies of ended messages are kept so long after their case
HUB_REFRESH_SECONDS = env_int("OFX_REFRESH_SECONDS", 1800, 1, 604_800)  # a silent open case is asked for again
NOTIFY_DAYS = env_int("OFX_NOTIFY_DAYS", 3, 1, 90)  # days after which a notification that nobody took is given up
LIVE_SECONDS = env_int("OFX_LIVE_SECONDS", 20, 1, 120)  # how long an operator may take for a live answer

INSTALLED_APPS = [
    "ofx.core",
    "partners",
    "ofx.search",
    "ofx.orders",
    "ticketing",
    "sla",
    "ofx.tmf",
    "ofx.portal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ofx.core.middleware.RequestContext",
    "ofx.core.middleware.RequestLatency",
    "ofx.core.ui.middleware.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ofx.core.accounts.middleware.ActingMembership",
    "ofx.core.ui.middleware.PersonalTimeZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ofx.core.ui.middleware.HtmxToasts",
    "allauth.account.middleware.AccountMiddleware",
    "ofx.core.accounts.middleware.SessionTrace",
    "ofx.core.accounts.middleware.RequiredSecondFactor",
]
ROOT_URLCONF = "ofx.urls"
WSGI_APPLICATION = "ofx.wsgi.application"
APPEND_SLASH = True
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
                "ofx.core.ui.context.shell",
            ],
            "builtins": ["ofx.core.templatetags.ui"],
        },
    }
]

DATABASE_URL = env("DATABASE_URL") or paths.database_url(OFX_HOME)
DATABASES = {"default": database_from(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "ofx"},
}

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if OFX_ENV == "test":  # the slow hash is for guessers; tests make six people each
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "ofx.core.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "ofx.core.accounts.queries.display_name"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # who asks for a stranger's reset sends them nothing
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or factor is told to its owner
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "customer_link": "30/m/ip",  # a customer's answers by the signed link of a mail
    "partner_link": "30/m/ip",  # answers by the signed link of a mail
    "widget_run": "20/10m/key",  # guides that one person begins in a provider's own portal
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
PASSWORD_RESET_TIMEOUT = 6 * 3600  # seconds
_FORMS = "ofx.core.accounts.forms."
ACCOUNT_FORMS = {"reset_password": _FORMS + "LostPasswordForm", "reset_password_from_key": _FORMS + "NewPasswordForm"}
_CODE = {"authenticate": "CodeForm", "reauthenticate": "CodeAgainForm", "activate_totp": "FirstCodeForm"}
MFA_FORMS = {name: _FORMS + form for name, form in _CODE.items()}
MFA_ADAPTER = "ofx.core.accounts.adapter.SecondFactor"
MFA_TOTP_ISSUER = "OpenFibreXchange"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are confirmed by the invitation
SOCIALACCOUNT_ADAPTER = "ofx.core.accounts.oidc.SignOnAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"provider_class": "ofx.core.accounts.oidc.OrganisationProvider"}}
SOCIALACCOUNT_LOGIN_ON_GET = True  # the content policy lets no form lead to another site; the state guards the way
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("OFX_TRUSTED_PROXIES", 0, 0, 10)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if OFX_BASE_URL.startswith("https://") or OFX_ENV == "production":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env_flag("OFX_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^metrics$"]  # load balancers and Prometheus ask without TLS
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env_int("OFX_HSTS_SECONDS", 31_536_000, 0, 315_360_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = Path(env("OFX_MEDIA", str(OFX_HOME / "media")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Upload limits in bytes: a footprint file may be large (10 million rows), an attachment may not.
UPLOAD_MAX_BYTES = env_int("OFX_UPLOAD_MAX_BYTES", 150 * 1024 * 1024, 1024, 10**11)
ATTACHMENT_MAX_BYTES = env_int("OFX_ATTACHMENT_MAX_BYTES", 10 * 1024 * 1024, 1024, 10**9)
INBOUND_MAX_BYTES = env_int("OFX_INBOUND_MAX_BYTES", 2 * 1024 * 1024, 1024, 10**8)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

EMAIL_URL = env("OFX_EMAIL_URL", f"smtp://127.0.0.1:{SANDBOX_SMTP_PORT}")
_mail = urlsplit(EMAIL_URL)
if _mail.scheme not in {"smtp", "smtps", "smtp+tls"}:
    raise ImproperlyConfigured(f"OFX_EMAIL_URL must start with smtp://, smtp+tls:// or smtps://, not {_mail.scheme}://")
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("OFX_MAIL_FROM", "orders@ofx.example")
DESK_MAIL_DOMAIN = env("OFX_DESK_MAIL_DOMAIN", "faults.ofx.example")  # customers write to <provider>@ it
MAILBOX_DIR = Path(env("OFX_MAILBOX", str(OFX_HOME / "mailbox")))

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ofx.core.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["ofx.core.api.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ofx.core.api.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "ofx.core.api.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "ofx.core.api.problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "OFX API",
    "DESCRIPTION": "Find, order from and assure services over any operator.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "OrderState": "ofx.orders.vocabulary.State",
        "FactSource": "ofx.orders.models.Fact.Source",
        "ClockOwner": "ofx.orders.vocabulary.ClockOwner",
        "MessageState": "partners.conversations.models.Message.State",
        "EndpointState": "partners.conversations.models.Endpoint.State",
        "FootprintState": "partners.coverage.models.Footprint.State",
        "ServiceState": "ofx.orders.models.ServiceRecord.State",
        "AnswerReason": "ofx.orders.answers.REASON_CHOICES",
        "TicketState": "ticketing.tickets.vocabulary.State",
        "TicketTier": "ticketing.tickets.vocabulary.Tier",
        "FaultVerdict": "ticketing.tickets.vocabulary.Verdict",
        "ClaimVerdict": "ofx.orders.models.Flag.Verdict",
        "TicketChannel": "ticketing.tickets.vocabulary.Channel",
        "NoteAudience": "ticketing.tickets.models.TicketNote.Audience",
        "GuideAudience": "ticketing.guides.models.Guide.Audience",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

# Celery: HUB 4.2. The broker is a doorbell; truth is in PostgreSQL rows.
BROKER_URL = env("BROKER_URL") or paths.broker_url(OFX_HOME)
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 180
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# max_retries 0: a wake-up must not wait for a broker that is down. Workers and scheduler reconnect by their own rules.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"confirm_publish": True, "max_retries": 0}
    if BROKER_URL.startswith(("amqp", "pyamqp"))
    else {
        "max_retries": 0,
        "visibility_timeout": 3600,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
    }
)
CELERY_VISIBILITY_TIMEOUT = 3600
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "ofx.core.health.scheduler:Scheduler"  # django-celery-beat, with a heartbeat
# A part whose last heartbeat is older than this many seconds is down; worker and scheduler beat every 3 s.
HEARTBEAT_LIMIT = env_int("OFX_HEARTBEAT_LIMIT", 12, 4, 3600)
OUTAGE_LEAST, OUTAGE_RETESTS = env_int("OFX_OUTAGE_LEAST", 4, 2, 999), env_int("OFX_OUTAGE_RETESTS", 600, 1, 99_999)
OUTAGE_MINUTES, OUTAGE_ALPHA = env_int("OFX_OUTAGE_MINUTES", 30, 5, 240), float(env("OFX_OUTAGE_ALPHA", "1e-6"))
# Due work is found by sweeps over rows: name → seconds between runs. `manage.py sweep` drives the same functions
# with no broker at all.
SWEEPS = {
    "events": 2, "live": 2, "bulk": 5, "deliveries": 2, "inbox": 2, "notifications": 2, "polling": 3,
    "retention": 3600, "imports": 10, "agreements": 600, "reach": 20, "orders": 15, "appointments": 10, "tickets": 15,
    "tests": 2, "guides": 10, "outages": 5, "digest": 300, "figures": 60, "promises": 600, "mail": 10, "personal": 30,
    "knowledge": 20, "knowledge_review": 3600,
}  # fmt: skip
CELERY_BEAT_SCHEDULE = {
    f"sweep-{name}": {
        "task": "ofx.core.tasks.run_sweep",
        "schedule": float(seconds),
        "args": [name],
        "options": {"expires": seconds * 2},
    }
    for name, seconds in SWEEPS.items()
}

_QUIET = {"django.request": "ERROR", "celery": "WARNING", "django_celery_beat": "WARNING"}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "ofx.core.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env("OFX_LOG_LEVEL", "INFO")},
    "loggers": {name: {"level": level} for name, level in _QUIET.items()},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
