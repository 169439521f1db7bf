"""A person's own machine: SQLite, the embedded broker, files in VAR_DIR, demonstration people allowed."""

import secrets

from lms.settings.base import *  # noqa: F403
from lms.settings.base import PORT, VAR_DIR, derive_key, env


def local_secret() -> str:
    """The secret of this data folder, made once; a folder that cannot be written gets one for this process only."""
    path = VAR_DIR / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except OSError:
        return secrets.token_urlsafe(50)
    secret = secrets.token_urlsafe(50)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secret)
    except FileExistsError:
        return path.read_text().strip()
    except OSError:
        pass
    return secret


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret()
FIELD_KEYS = env.list("FIELD_KEYS", default=[derive_key(SECRET_KEY, "field")])
INDEX_KEY = env.str("INDEX_KEY", default=derive_key(SECRET_KEY, "index"))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [f"http://127.0.0.1:{PORT}", f"http://localhost:{PORT}"]
DEMO_ALLOWED = True
WHITENOISE_USE_FINDERS = True
