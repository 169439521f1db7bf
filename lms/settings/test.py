"""The test suite: the engines that TEST_DATABASE_URL and TEST_BROKER_URL name, or the embedded ones."""

import os
import tempfile

# Each test process has its own data folder, so that parallel runs and real child processes never meet.
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="hocso-test-"))

from lms.settings.base import *  # noqa: F403
from lms.settings.base import VAR_DIR, broker_options, database_from, derive_key, env

DEBUG = False
DEMO_ALLOWED = True
SECRET_KEY = "test-only-" + "0123456789abcdef" * 4
FIELD_KEYS = [derive_key(SECRET_KEY, "field")]
INDEX_KEY = derive_key(SECRET_KEY, "index")
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

TEST_DATABASE_URL = env.str("TEST_DATABASE_URL", default="")
DATABASES = {"default": database_from(TEST_DATABASE_URL or f"sqlite:///{VAR_DIR / 'test.sqlite3'}")}
if not TEST_DATABASE_URL:
    # A file, not memory: real workers and browsers in tests open the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test-run.sqlite3")}

BROKER_URL = env.str("TEST_BROKER_URL", default="embedded://")
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(BROKER_URL)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
LOGGING_CONFIG = None
