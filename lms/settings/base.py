"""What every installation shares. Values that differ come from the environment; see deploy/README.md."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import schedule
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from lms import broker

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
PORT = env.str("PORT", default="8000")


def derive_key(secret: str, purpose: str) -> str:
    """A key for one purpose, so that no two uses share one."""
    return hashlib.sha256(f"hoc-so:{purpose}:{secret}".encode()).hexdigest()


# Rooms, highest first: tests/test_architecture.py holds this list to the import contract.
ROOMS = ["lms", "records", "certificates", "assessments", "courses", "cms", "people", "common"]

INSTALLED_APPS = [
    *ROOMS,
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.contrib.forms",
    "wagtail.embeds",
    "wagtail.sites",
    "people.wagtail_users.PeopleUsersAppConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
]

MIDDLEWARE = [
    "lms.proxies.VisitorAddress",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "wagtail.contrib.settings.context_processors.settings",
                "common.navigation.navigation",
            ],
        },
    },
]

# Database -----------------------------------------------------------------------------------------------------

SQLITE_OPTIONS = {
    # Web, worker and beat write together: take the write lock at BEGIN, wait for it, and read beside a writer.
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000; "
        "PRAGMA foreign_keys=ON; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"
    ),
}


def database_from(url: str) -> dict[str, object]:
    """A Django database from its URL, with the options that its engine needs."""
    config: dict[str, object] = dict(env.db_url_config(url))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = SQLITE_OPTIONS
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


DATABASES = {"default": database_from(env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'hocso.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Celery -------------------------------------------------------------------------------------------------------

BROKER_URL = env.str("BROKER_URL", default="embedded://")


def broker_options(url: str) -> dict[str, object]:
    """Transport options for the broker at `url`."""
    scheme = urlsplit(url).scheme
    if scheme == broker.SCHEME:
        return broker.transport_options(VAR_DIR / "broker")
    if scheme.startswith("redis"):
        return {"visibility_timeout": 3600}
    return {}


CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(BROKER_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("default", "grading", "documents", "mail")]
CELERY_TASK_ROUTES = {
    "assessments.tasks.grade_sitting": {"queue": "grading"},
    "assessments.tasks.work_on_regrade": {"queue": "grading"},
    "assessments.tasks.draw_paper_set": {"queue": "documents"},
    "assessments.tasks.draw_papers_ahead": {"queue": "documents"},
    "assessments.tasks.work_on_import": {"queue": "documents"},
    "assessments.tasks.build_question_export": {"queue": "documents"},
    "assessments.tasks.analyse_quiz": {"queue": "documents"},
    "assessments.tasks.calibrate_quiz": {"queue": "documents"},
    "certificates.tasks.render_certificate": {"queue": "documents"},
    "records.tasks.build_export": {"queue": "documents"},
    "people.tasks.send_mail": {"queue": "mail"},
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat" / "schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=15.0)
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": schedule(SWEEP_SECONDS), "options": {"expires": SWEEP_SECONDS * 4}}
    for name in [
        "lms.tasks.heartbeat",
        "assessments.tasks.sweep_sittings",
        "assessments.tasks.sweep_question_files",
        "assessments.tasks.sweep_item_analysis",
        "assessments.tasks.sweep_papers",
        "assessments.tasks.sweep_regrades",
        "assessments.tasks.sweep_marking",
        "courses.tasks.sweep_completions",
        "certificates.tasks.sweep_certificates",
        "records.tasks.sweep_exports",
        "people.tasks.sweep_mail",
    ]
}

# Sign-in ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "people.hashers.TunedArgon2PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "courses:my_learning"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "staff_number"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "people.forms.SignupForm", "login": "people.forms.LoginForm"}
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# Language, time, places ---------------------------------------------------------------------------------------

LANGUAGE_CODE = "vi"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
USE_I18N = True
WAGTAIL_I18N_ENABLED = True
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["lms.formats"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# Files --------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"


def storages_from(url: str) -> dict[str, dict[str, object]]:
    """Public (`default`) and private storages at a `file:///folder` or `s3://bucket/prefix` address."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        backend, root = "django.core.files.storage.FileSystemStorage", Path(parts.path)
        return {
            "default": {"BACKEND": backend, "OPTIONS": {"location": root / "public", "base_url": MEDIA_URL}},
            "private": {"BACKEND": backend, "OPTIONS": {"location": root / "private", "base_url": None}},
        }
    if parts.scheme == "s3":
        backend, prefix = "storages.backends.s3.S3Storage", parts.path.strip("/")
        shared = {"bucket_name": parts.netloc, "default_acl": None, "file_overwrite": False}
        return {
            "default": {
                "BACKEND": backend,
                "OPTIONS": {**shared, "location": f"{prefix}/public".lstrip("/")},
            },
            "private": {
                "BACKEND": backend,
                "OPTIONS": {**shared, "location": f"{prefix}/private".lstrip("/"), "querystring_auth": True},
            },
        }
    raise ImproperlyConfigured(f"STORAGE_URL: '{parts.scheme}' is not known; use file:///folder or s3://bucket/prefix.")


STORAGE_URL = env.str("STORAGE_URL", default=f"file://{VAR_DIR / 'files'}")
STORAGES: dict[str, dict[str, object]] = {
    **storages_from(STORAGE_URL),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = str(STORAGES["default"]["OPTIONS"].get("location", ""))  # type: ignore[attr-defined]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Wagtail ------------------------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "Học Số"
WAGTAILADMIN_BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{PORT}")
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "svg"]
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "pdf", "pptx", "txt", "vtt", "xlsx", "zip", "mp4", "webm"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_FRONTEND_LOGIN_URL = LOGIN_URL
WAGTAIL_PASSWORD_RESET_ENABLED = False  # there is one way to a new password, and it is ours
WAGTAIL_ALLOW_UNICODE_SLUGS = False  # "đặt-lịch" is typed and shared as "dat-lich"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_AUTO_UPDATE_PREVIEW_INTERVAL = 1000
TAGGIT_CASE_INSENSITIVE = True

# Safety -------------------------------------------------------------------------------------------------------

TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
X_FRAME_OPTIONS = "SAMEORIGIN"  # the admin previews pages in a frame
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_ENGINE = "people.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lms.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/quan-tri/", "/tai-lieu-wagtail/"],
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    },
}

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Học Số <no-reply@localhost>")

CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://hoc-so")}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{", "datefmt": "%H:%M:%S"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {name: {"level": "WARNING"} for name in ("fontTools", "wagtail", "django_tasks", "modelsearch")},
}
