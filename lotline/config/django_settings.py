"""What Django is told. Its part is small: signing in, pages, templates, and running migrations.

The tenant's tables are not Django's: it connects for accounts, sessions and the cache alone.

Not here: what an installation chose (`settings`), signing in (`sign_in`), adapters (`wiring`).
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict

from lotline.config.binaries import NoPostgres
from lotline.config.databases import known_dsns
from lotline.config.settings import BadSetting, load_settings
from lotline.config.sign_in import *  # noqa: F403 - a page of settings that sign-in keeps for itself

_WEB = Path(__file__).resolve().parent.parent / "web"
_CHOSEN = load_settings()


def django_database(dsn: str) -> dict[str, Any]:
    """Django's form of a DSN."""
    parts = conninfo_to_dict(dsn)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "") or ""),
        "OPTIONS": dict(parts),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _databases() -> dict[str, Any]:
    """None while there is no database yet: types are checked and steps are run without one."""
    try:
        return {"default": django_database(known_dsns(_CHOSEN).app)}
    except (OSError, BadSetting, NoPostgres):
        return {}


def _secret_key() -> str:
    """Of its own file; without one, this process's sessions end with it."""
    try:
        return _CHOSEN.secret_key_file.read_text(encoding="utf-8").strip()
    except OSError:
        return secrets.token_urlsafe(48)


INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "django_htmx",
    "lotline.store",
]
MIDDLEWARE = [
    "lotline.web.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lotline.web.middleware.no_nul",
    "lotline.web.middleware.no_store",
    "lotline.web.middleware.who_is_looking",
    "lotline.web.session.SecondStep",
    "lotline.web.middleware.said_no",
]
AUTH_USER_MODEL = "store.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = _databases()
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en-us"
LOGGING_CONFIG = None  # the process that serves us says how it logs

SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = [_CHOSEN.host, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [_CHOSEN.url]

ROOT_URLCONF = "lotline.config.urls"
APPEND_SLASH = True
LOTLINE_CONTEXT = "lotline.config.wiring.the_context"
LOTLINE_WAY_OUT = "lotline.config.wiring.way_out"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_WEB / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "lotline.web.frame.frame",
            ],
            "builtins": ["lotline.web.tags"],
            "libraries": {"lotline": "lotline.web.tags"},
        },
    }
]

# Served from the process itself. Once collected, each under a name that changes with its content.
STATIC_URL = "/static/"
STATICFILES_DIRS = [_WEB / "static"]
COLLECTED = _CHOSEN.data / "static"  # by `assets.collect`, when an installation is prepared
_COLLECTED = (COLLECTED / "staticfiles.json").is_file()
STATIC_ROOT = COLLECTED if _COLLECTED else None
WHITENOISE_USE_FINDERS = not _COLLECTED
STORAGES = {
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "lotline"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _CHOSEN.secure
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _CHOSEN.secure
CSRF_FAILURE_VIEW = "lotline.web.pages.csrf_refused"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _CHOSEN.secure else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
FILE_UPLOAD_TEMP_DIR = str(_CHOSEN.data / "incoming")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "lotline.web.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
