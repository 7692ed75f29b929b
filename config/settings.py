"""Django settings. Every value that an installation may change is read here from the environment (`.env.example`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.databases import broker_tls, broker_url, database, redis_url
from config.embedded.paths import EmbeddedPaths
from config.embedded.secrets import read_or_create_secret
from config.environment import llm_providers, load
from config.media import upload_folder
from config.safety import (
    PUBLIC_KEY_ADVICE,
    SIGNING_KEY_ADVICE,
    refuse_late_heartbeat,
    refuse_long_names,
    refuse_no_key,
    refuse_unusable_default,
    refuse_weak_secret,
)

BASE_DIR = Path(__file__).resolve().parent.parent
env = load(BASE_DIR)

# --- Where things are ---------------------------------------------------------------------------------
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data"))).absolute()
EMBEDDED = EmbeddedPaths(DATA_DIR)
DATABASE_URL = env.url("DATABASE_URL", {"postgres", "postgresql"})
REDIS_URL = redis_url(env.url("REDIS_URL", {"redis", "rediss", "unix"}), EMBEDDED)
DATABASES = {"default": database(env, DATABASE_URL, EMBEDDED)}
# How long a migration lets everybody wait behind it; 0 is as long as it takes.
MIGRATE_LOCK_SECONDS = env.integer("MIGRATE_LOCK_SECONDS", 2)

# --- Security -----------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or read_or_create_secret(DATA_DIR / "secret-key")
JWT_SIGNING_KEY = env.str("JWT_SIGNING_KEY", "") or read_or_create_secret(DATA_DIR / "jwt-signing-key")
refuse_weak_secret("SECRET_KEY", SECRET_KEY)
refuse_weak_secret("JWT_SIGNING_KEY", JWT_SIGNING_KEY)

HTTPS = env.flag("HTTPS", False)
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"],
    form=r"\*|\.?[\w.-]+|\[[\da-fA-F:.]+\]",
    example="prompts.example.com",
)
CSRF_TRUSTED_ORIGINS = env.words(
    "CSRF_TRUSTED_ORIGINS", [], form=r"https?://[^/\s]+", example="https://prompts.example.com"
)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Forwarded headers are believed only as far as the operator says that proxies of theirs stand in front.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# One body holds one prompt of at most 1 MB; escaped in JSON that can be six times as long.
MAX_BODY_BYTES = 8 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# --- Applications -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config.apps.SystemConfig",
    "prompts",
    "documents",
    "audit",
    "config.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_results",
    "axes",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "config.middleware.CorrelationIdMiddleware",
    "config.caching.PrivateAnswersMiddleware",
    "config.shortcut.ShortcutMiddleware",
    "config.middleware.OriginMiddleware",
    "config.middleware.BodyLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.AccountLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.releasing.ReleaseMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
# Paths work with and without the trailing slash, without a redirect (config/urls.py).
APPEND_SLASH = False
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
                "django.template.context_processors.i18n",
            ],
        },
    },
]
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Without `collectstatic` (tests, DEBUG) files are found where the apps keep them.
WHITENOISE_USE_FINDERS = DEBUG
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Accounts -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "system.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "rest_framework:login"
LOGIN_REDIRECT_URL = "/api/docs/"
AXES_FAILURE_LIMIT = env.integer("LOGIN_FAILURE_LIMIT", 5, minimum=1)
AXES_COOLOFF_TIME = timedelta(seconds=env.seconds("LOGIN_LOCKOUT_SECONDS", 900))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# An attempt during the lock doesn't prolong it, so that Retry-After holds what it says.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "config.lockout.client_address"
AXES_LOCKOUT_CALLABLE = "config.lockout.respond"
AXES_VERBOSE = False
# Its row would need a session, also for whoever only wants a token.
AXES_DISABLE_ACCESS_LOG = True

# --- Audit --------------------------------------------------------------------------------------------
# Without one, the process that signs first makes one in DATA_DIR (audit/keys.py); others need none.
AUDIT_SIGNING_KEY = env.str("AUDIT_SIGNING_KEY", "")
AUDIT_PUBLIC_KEYS = env.words("AUDIT_PUBLIC_KEYS", [])
refuse_no_key("AUDIT_SIGNING_KEY", [AUDIT_SIGNING_KEY], SIGNING_KEY_ADVICE)
refuse_no_key("AUDIT_PUBLIC_KEYS", AUDIT_PUBLIC_KEYS, PUBLIC_KEY_ADVICE)
AUDIT_CHECKPOINT_FILE = Path(env.str("AUDIT_CHECKPOINT_FILE", str(DATA_DIR / "audit-checkpoints.jsonl"))).absolute()

# --- API ----------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "prompts.api.rendering.OrjsonRenderer",
        "prompts.api.rendering.StrictBrowsableRenderer",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.exception_handler.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.seconds("ACCESS_TOKEN_SECONDS", 900)),
    "REFRESH_TOKEN_LIFETIME": timedelta(seconds=env.seconds("REFRESH_TOKEN_SECONDS", 7 * 86_400)),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI Prompt Manager",
    "DESCRIPTION": "Ask language models, and keep every question and answer.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "AUTHENTICATION_WHITELIST": ["config.accounts.authentication.BearerAuthentication"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "prompts.api.schema_hooks.add_links",
        "documents.api.schema_hooks.add_links",
        "prompts.api.schema_hooks.let_filters_be_empty",
    ],
    # A PATCH of ours says by itself which of its fields may be left out.
    "COMPONENT_SPLIT_PATCH": False,
    "SCHEMA_PATH_PREFIX": "/api",
    "PATH_CONVERTER_OVERRIDES": {
        "request_id": UUID,
        "document_id": UUID,
        "batch_id": UUID,
        "prompt_type": str,
        "version_number": int,
    },
    "ENUM_NAME_OVERRIDES": {
        "StatusEnum": "prompts.models.prompt_request.Status",
        "ReadingStateEnum": "documents.models.document_file.ReadingState",
        "BatchStateEnum": "documents.models.batch.BatchState",
        "ItemOutcomeEnum": "documents.services.outcomes.ItemOutcome",
    },
}

# --- Background work ----------------------------------------------------------------------------------
BROKER_SCHEMES = {"redis", "rediss", "redis+socket", "amqp", "amqps"}
CELERY_BROKER_URL = broker_url(env.url("CELERY_BROKER_URL", BROKER_SCHEMES) or REDIS_URL)
CELERY_BROKER_USE_SSL = broker_tls(CELERY_BROKER_URL)
CELERY_RESULT_BACKEND = "django-db"
CELERY_RESULT_EXPIRES = timedelta(days=7)
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TIMEZONE = "UTC"
# Threads, not processes: the worker's calls are I/O, and its engine shares one client per vendor.
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 4
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 2
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 30,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 15,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 3,
}
# RabbitMQ only: how often a connection shows that it lives. One that has vanished is dropped after two of them, and
# what it held goes to others.
CELERY_BROKER_HEARTBEAT = 15
# RabbitMQ only: an exclusive queue would stay locked by the connection that a worker has lost, and end the worker when
# it comes back.
CELERY_CONTROL_QUEUE_EXCLUSIVE = False
CELERY_CONTROL_QUEUE_DURABLE = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "keep-house": {"task": "config.tasks.keep_house", "schedule": timedelta(hours=1)},
    # A part of what is past its time, so that there is never much of it.
    "purge-requests": {"task": "config.tasks.purge_requests", "schedule": timedelta(hours=1)},
    # Without an expiry, which would be by two hosts' clocks: a scheduler a minute behind its workers would have nothing
    # sealed. Those that come late, many at once, find nothing to do.
    "seal-answers": {"task": "config.tasks.seal_answers", "schedule": timedelta(minutes=1)},
}

# --- Requests -----------------------------------------------------------------------------------------
MAX_UNFINISHED_PER_USER = env.integer("MAX_UNFINISHED_PER_USER", 0)
REQUEST_MAX_ATTEMPTS = env.integer("REQUEST_MAX_ATTEMPTS", 8, minimum=1)
REQUEST_DEADLINE_SECONDS = env.seconds("REQUEST_DEADLINE_SECONDS", 600)
# A model that was asleep takes a minute and more to wake, but somebody waits for a try-out.
SANDBOX_DEADLINE_SECONDS = env.seconds("SANDBOX_DEADLINE_SECONDS", 120)
WORKER_SLOTS = env.integer("WORKER_SLOTS", 500, minimum=1)
WORKER_SHUTDOWN_GRACE_SECONDS = env.seconds("WORKER_SHUTDOWN_GRACE_SECONDS", 5)
# How long a claim holds without a heartbeat, how often it is renewed, and how often others are looked after.
LEASE_SECONDS = env.seconds("LEASE_SECONDS", 60)
HEARTBEAT_SECONDS = env.seconds("HEARTBEAT_SECONDS", 10)
SWEEP_SECONDS = env.seconds("SWEEP_SECONDS", 5)
POLL_SECONDS = env.seconds("POLL_SECONDS", 1)
refuse_late_heartbeat(HEARTBEAT_SECONDS, LEASE_SECONDS)

# --- Documents ----------------------------------------------------------------------------------------
MEGABYTE = 1024 * 1024
# Every web and worker process needs the same folder (docs/operations.md).
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media"))).absolute()
# Beside them, not in /tmp: that may lie in memory.
FILE_UPLOAD_TEMP_DIR = upload_folder(MEDIA_ROOT)
DOCUMENT_MAX_BYTES = env.integer("DOCUMENT_MAX_MB", 50, minimum=1) * MEGABYTE
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_MB", 512, minimum=1) * MEGABYTE
DOCUMENT_MAX_PAGES = env.integer("DOCUMENT_MAX_PAGES", 1000, minimum=1)
DOCUMENT_MEMORY_BYTES = env.integer("DOCUMENT_MEMORY_MB", 512, minimum=128) * MEGABYTE
DOCUMENT_PAGE_SECONDS = env.seconds("DOCUMENT_PAGE_SECONDS", 25)
READER_SLOTS = env.integer("READER_SLOTS", 2, minimum=1)
BATCH_MAX_DOCUMENTS = env.integer("BATCH_MAX_DOCUMENTS", 10_000, minimum=1)
BATCH_IN_FLIGHT = env.integer("BATCH_IN_FLIGHT", 100, minimum=1)
BATCH_MAX_FAILURES_IN_ROW = env.integer("BATCH_MAX_FAILURES_IN_ROW", 10, minimum=1)
# What may object to an activation (prompts/services/gates.py).
ACTIVATION_GATES = ["documents.services.gate.objection"]
# What goes with requests and people when they are erased (prompts/services/erasing_rooms.py).
ERASING_ROOMS = ["documents.services.erasing.room", "config.accounts.erasing.room"]

# --- Vendors ------------------------------------------------------------------------------------------
LLM_PROVIDERS = llm_providers(env)
MODELS_ALLOWED = env.words("MODELS_ALLOWED", [], form=r"[^/\s]+/\S+", example="openai/*")
DEFAULT_MODEL = env.str("DEFAULT_MODEL", "")
refuse_long_names("MODELS_ALLOWED", MODELS_ALLOWED)
refuse_unusable_default(DEFAULT_MODEL, LLM_PROVIDERS, MODELS_ALLOWED)
LLM_CONNECT_TIMEOUT = env.seconds("LLM_CONNECT_TIMEOUT", 5)
LLM_CHUNK_TIMEOUT = env.seconds("LLM_CHUNK_TIMEOUT", 60)
LLM_MAX_ANSWER_BYTES = env.integer("LLM_MAX_ANSWER_MB", 16, minimum=1, maximum=1024) * MEGABYTE

# --- Languages and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("th", _("Thai")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Web server (read by `manage.py run` and the container) ---------------------------------------------
HOST = env.str("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, minimum=1, maximum=65_535)
WEB_WORKERS = env.integer("WEB_WORKERS", 2, minimum=1)
WEB_THREADS = env.integer("WEB_THREADS", 16, minimum=1)

# --- Monitoring ---------------------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
READY_MAX_QUEUE_SECONDS = env.seconds("READY_MAX_QUEUE_SECONDS", 300)

# --- Logs ---------------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
# A vendor's client logs each call with its address, Celery each wake-up twice; what matters stands in the attempt row.
TALKATIVE_LOGGERS = (
    *("httpx2", "httpx", "httpcore2", "openai", "anthropic", "google_genai"),
    *("celery.worker.strategy", "celery.app.trace", "axes"),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"correlation": {"()": "config.logs.CorrelationFilter"}},
    "formatters": {
        "line": {"()": "config.logs.LineFormatter", "format": "%(levelname)s %(name)s [%(correlation_id)s] %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["correlation"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {name: {"level": "WARNING"} for name in TALKATIVE_LOGGERS},
}
