"""The secret of a person's own machine: kept in the data folder from the moment that there is a database."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def keep_secret() -> None:
    """Write the secret in use beside the database that is about to be made; one that is there stays.

    Does nothing where the settings have no SECRET_FILE (a server is given its secret). Raises OSError.
    """
    path: Path | None = getattr(settings, "SECRET_FILE", None)
    if path is None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(settings.SECRET_KEY)
    part.replace(path)
