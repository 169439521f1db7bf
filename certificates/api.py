"""REST routes of the certificates room."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from certificates import queries
from certificates.limits import too_many

router = Router(tags=["certificates"])


class VerifiedOut(Schema):
    """What anybody may see of a certificate."""

    status: str
    number: str
    name: str
    course_code: str
    course_title: str
    issuer: str
    issued_on: date
    expires_on: date | None


class NotVerified(Schema):
    """Why not."""

    status: str
    detail: str


@router.get(
    "verify/{code}",
    auth=None,
    response={200: VerifiedOut, 404: NotVerified, 429: NotVerified},
    url_name="verify",
)
def verify(request: HttpRequest, code: str) -> Any:
    """Verify a certificate by its code."""
    if too_many(request):
        return 429, {
            "status": "unknown",
            "detail": _("Too many attempts from your network. Wait a minute and try again."),
        }
    certificate = queries.find_by_code(code)
    if certificate is None:
        return 404, {"status": "unknown", "detail": _("No certificate has this code.")}
    view = queries.public_view(certificate, on=timezone.localdate())
    return {
        "status": view.state,
        "number": view.number,
        "name": view.name,
        "course_code": view.course_code,
        "course_title": view.course_title,
        "issuer": view.issuer,
        "issued_on": view.issued_on,
        "expires_on": view.expires_on,
    }
