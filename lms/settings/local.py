"""A person's own machine: SQLite, the embedded broker, files in VAR_DIR, demonstration people allowed."""

import secrets

from lms.settings.base import *  # noqa: F403
from lms.settings.base import PORT, VAR_DIR, derive_key, env

# Written with the database (lms/secret.py), so that a command that is refused leaves nothing behind.
SECRET_FILE = None if env.str("SECRET_KEY", default="") else VAR_DIR / "secret.key"


def local_secret() -> str:
    """The secret of this data folder; until there is one, a new one."""
    try:
        return (VAR_DIR / "secret.key").read_text().strip() or secrets.token_urlsafe(50)
    except OSError:
        return secrets.token_urlsafe(50)


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret()
FIELD_KEYS = env.list("FIELD_KEYS", default=[derive_key(SECRET_KEY, "field")])
INDEX_KEY = env.str("INDEX_KEY", default=derive_key(SECRET_KEY, "index"))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [f"http://127.0.0.1:{PORT}", f"http://localhost:{PORT}"]
DEMO_ALLOWED = True
WHITENOISE_USE_FINDERS = True
