"""A server: refuses to start without a secret key, hosts and a database; never loads demonstration people."""

from django.core.exceptions import ImproperlyConfigured

from lms.settings.base import *  # noqa: F403
from lms.settings.base import BROKER_URL, STORAGES, derive_key, env


def required(name: str) -> str:
    """The value of a variable that production must be given."""
    value = str(env.str(name, default="")).strip()
    if not value:
        raise ImproperlyConfigured(f"{name}: thiếu biến môi trường này / is not set; see deploy/README.md.")
    return value


DEBUG = False
DEMO_ALLOWED = False
SECRET_KEY = required("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise ImproperlyConfigured("SECRET_KEY: quá ngắn / too short: 50 random characters or more.")
ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",") if host.strip()]
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS: '*' không được dùng / is refused; name the hosts.")
required("DATABASE_URL")
FIELD_KEYS = env.list("FIELD_KEYS", default=[derive_key(SECRET_KEY, "field")])
INDEX_KEY = env.str("INDEX_KEY", default=derive_key(SECRET_KEY, "index"))
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"https://{host}" for host in ALLOWED_HOSTS])

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
if BROKER_URL.startswith(("amqp", "pyamqp")):
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_BROKER_NATIVE_DELAYED_DELIVERY_QUEUE_TYPE = "quorum"

# The administration shows previews of our own pages in a frame, so SAMEORIGIN and not DENY.
SILENCED_SYSTEM_CHECKS = ["security.W019"]
