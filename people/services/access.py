"""The access log: who read or exported whose data."""

from __future__ import annotations

from datetime import datetime

from people.models import AccessLog, OrganisationUnit, Person


def log_access(
    *,
    by: Person,
    action: str,
    what: str,
    exactly: str = "",
    at: datetime,
    subject: Person | None = None,
    unit: OrganisationUnit | None = None,
) -> AccessLog | None:
    """Add one row: `by` did `action` (AccessLog.Action) on `what` of `subject` or of a whole `unit`.

    `what` is a phrase marked with gettext_noop, shown in the reader's language; `exactly` stays as it is.

    Reading one's own data is not logged and gives None.
    """
    if subject is not None and subject.pk == by.pk:
        return None
    return AccessLog.objects.create(
        at=at,
        by=by,
        action=AccessLog.Action(action),
        subject=subject,
        what=(f"{what}: {exactly}" if exactly else what)[:200],
        unit=unit,
    )
