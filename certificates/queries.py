"""Reads that more than one caller needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from assessments.models import Sitting
from certificates.codes import grouped, read_code
from certificates.models import Certificate, CertificateReview
from courses.models import CourseCompletion


@dataclass(frozen=True, slots=True)
class PublicView:
    """What anybody may see of a certificate: what its paper shows, and its state today."""

    number: str
    code: str
    state: str  # valid | expired | suspended | revoked | replaced
    name: str
    birth_date: date | None
    course_code: str
    course_title: str
    course_title_en: str
    hours: str
    score: str | None
    max_score: str | None
    issuer: str
    issued_on: date
    expires_on: date | None
    changed_on: date | None
    reason: str


def completions_due() -> QuerySet[CourseCompletion]:
    """Completions whose course earns a certificate and that have none."""
    return CourseCompletion.objects.filter(certificate__isnull=True, course__certificate_rule__is_active=True).order_by(
        "completed_at"
    )


def sittings_marked_again(*, at: datetime) -> QuerySet[Sitting]:
    """Sittings marked again in the last thirty days in courses whose certificate their people hold.

    Only those about which nobody was asked yet. A certificate may stand on another attempt: who raises the review looks.
    """
    reviewed = CertificateReview.objects.filter(run_digest=OuterRef("current_run__digest"))
    held = Certificate.objects.filter(
        person=OuterRef("person"), completion__course=OuterRef("enrolment__course")
    ).exclude(status__in=[Certificate.Status.REVOKED, Certificate.Status.REPLACED])
    return Sitting.objects.filter(
        Exists(held),
        ~Exists(reviewed),
        state=Sitting.State.GRADED,
        current_run__number__gt=1,
        current_run__graded_at__gte=at - timedelta(days=30),
    ).order_by("graded_at")


def find_by_code(text: str) -> Certificate | None:
    """The certificate with the code in what somebody typed."""
    code = read_code(text)
    return Certificate.objects.filter(code=code).first() if code else None


def certificates_of(person: Any) -> QuerySet[Certificate]:
    """A person's certificates, newest first."""
    return Certificate.objects.filter(person=person).order_by("-issued_at")


def state_on(certificate: Certificate, day: date) -> str:
    """The certificate's state on a day: its status, or `expired` when it is valid but past its last day."""
    past = certificate.expires_on is not None and day > certificate.expires_on
    if certificate.status == Certificate.Status.VALID and past:
        return "expired"
    return str(certificate.status)


def public_view(certificate: Certificate, *, on: date) -> PublicView:
    """The certificate as the public may see it on a day."""
    snapshot = certificate.snapshot
    changed = certificate.status_changed_at
    in_force = certificate.status == Certificate.Status.VALID
    return PublicView(
        number=certificate.number,
        code=grouped(certificate.code),
        state=state_on(certificate, on),
        name=snapshot["name"],
        birth_date=date.fromisoformat(snapshot["birth_date"]) if snapshot["birth_date"] else None,
        course_code=snapshot["course_code"],
        course_title=snapshot["course_title"],
        course_title_en=snapshot["course_title_en"],
        hours=snapshot["hours"],
        score=snapshot["score"],
        max_score=snapshot["max_score"],
        issuer=snapshot["issuer"],
        issued_on=timezone.localtime(certificate.issued_at).date(),
        expires_on=certificate.expires_on,
        changed_on=None if in_force or changed is None else timezone.localtime(changed).date(),
        reason="" if in_force else certificate.status_reason,
    )
