"""Django and Celery settings, built from `pipeline.configuration`.

Importing this starts nothing and needs no server. Without a running instance the database has no address,
and the first query says so.
"""

from __future__ import annotations

import secrets
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from pipeline.addresses import ServicesNotRunning, resolve
from pipeline.configuration import load_settings
from pipeline.embedded.places import Secrets
from pipeline.endpoints import Endpoints

SOHOA = load_settings()
"""The typed settings; ``django.conf.settings.SOHOA`` everywhere else."""

try:
    _endpoints = resolve(SOHOA)
except ServicesNotRunning:
    _endpoints = Endpoints()


def database(url: str | None) -> dict[str, Any]:
    """Turn a PostgreSQL URL into Django's form; None gives a database that refuses every connection."""
    parts = conninfo_to_dict(url or "postgresql://sohoa@127.0.0.1:1/sohoa")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "sohoa"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": parts,
        # under ASGI each request has a thread of its own, whose connection nobody would use again
        "CONN_MAX_AGE": 0,
    }


def _secret_key() -> str:
    if SOHOA.secret_key_file:
        return SOHOA.secret_key_file.read_text(encoding="utf-8").strip()
    # without a data folder there are no sessions to sign either, and importing settings must write nothing
    return Secrets(SOHOA.data_dir).get("django") or secrets.token_hex(24)


SECRET_KEY = _secret_key()
DEBUG = SOHOA.debug
ALLOWED_HOSTS = list(SOHOA.allowed_hosts)

DATABASES = {"default": database(_endpoints.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django_htmx",
    "pipeline",
    "pipeline.people",
    "pipeline.machines",
    "web",  # before allauth: its templates take the place of those
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "web.middleware.SentInPieces",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # styles and programs, too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.middleware.StrictContent",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "web.middleware.FirstSteps",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "web.urls"
ASGI_APPLICATION = "web.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.navigation.navigation",
            ]
        },
    }
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # they come with the packages, no folder of copies is made
WHITENOISE_ALLOW_ALL_ORIGINS = False

PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "vi"
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
# Accounts are made by an administrator; the name is what people sign in with.
ACCOUNT_ADAPTER = "web.signing_in.ClosedAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/10m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Sohoa"
# Counts of failed sign-ins are shared by all processes and outlive them.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "people_cache"},
}
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The broker is only a hint: the database holds every state, a repeated or lost task does no harm.
CELERY_BROKER_URL = _endpoints.broker_url or "redis://127.0.0.1:1/0"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Redis gives a task to a second worker after this long; the longest task, a scan of 2,000 pages, has 4 h
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 5 * 3600} if CELERY_BROKER_URL.startswith("redis") else {}
)
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = SOHOA.worker_processes
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
