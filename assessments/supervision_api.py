"""What a candidate's page learns from the exam officers: their notices, and a pulse that costs next to nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from ninja import Router, Schema

from assessments import permissions
from assessments.models import Sitting, SupervisionEntry

router = Router(tags=["assessments"])
SALT = "assessments.pulse"
SEEN_AGAIN = timedelta(seconds=15)
NOTICES_HEADER = "X-Notices"


class NoticeOut(Schema):
    """One thing that an officer did or said. `seconds` is how far the deadline was moved by it."""

    number: int
    kind: str
    text: str
    seconds: int | None
    at: datetime


class NoticesOut(Schema):
    """What there is after the notice that was asked for, and how the clock stands now."""

    notices: list[NoticeOut]
    deadline: datetime | None
    paused: bool


@router.get("sittings/{uuid:public_id}/notices", response=NoticesOut, url_name="sitting_notices")
def sitting_notices(request: HttpRequest, public_id: UUID, after: int = 0) -> Any:
    """Notices of my sitting with a number above `after`, in their order: pauses, extra time, the end, messages.

    Numbers rise and may leave gaps. Reasons are for the record of the exam and are not told.
    """
    sitting = get_object_or_404(permissions.sittings_of(request.user), public_id=public_id)
    told = sitting.supervision.filter(kind__in=SupervisionEntry.TOLD, number__gt=min(max(after, 0), 2**31 - 1))
    return {
        "notices": [
            {"number": row.number, "kind": row.kind, "text": row.text, "seconds": row.seconds, "at": row.at}
            for row in told.order_by("number")
        ],
        "deadline": sitting.deadline_at,
        "paused": sitting.paused_at is not None,
    }


def pulse_url(sitting: Sitting) -> str:
    """The address of this sitting's pulse; who knows it needs no session."""
    return reverse("assessments:pulse", args=[Signer(salt=SALT).sign(str(sitting.pk))])


@require_GET
def pulse(request: HttpRequest, token: str) -> HttpResponse:
    """How many notices there are, and how the clock stands; the page asks every few seconds. One query by primary key.

    That the device was heard of is written down every `SEEN_AGAIN`, which the officers' board shows.
    """
    try:
        pk = int(Signer(salt=SALT).unsign(token))
    except (BadSignature, ValueError):
        raise Http404 from None
    rows = Sitting.objects.filter(pk=pk).order_by()
    row = rows.values_list("notice_count", "deadline_at", "paused_at", "state", "last_seen_at").first()
    if row is None:
        raise Http404
    notices, deadline, paused_at, state, seen = row
    now = timezone.now()
    if state == Sitting.State.OPEN and (seen is None or now - seen >= SEEN_AGAIN):
        rows.update(last_seen_at=now)
    content = {"notices": notices, "deadline": deadline, "paused": paused_at is not None}
    return JsonResponse(content, headers={"Cache-Control": "no-store"})
