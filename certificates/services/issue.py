"""Issuing: once per completion, numbered without gaps."""

from __future__ import annotations

import calendar
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from certificates import events
from certificates.codes import new_code
from certificates.models import Certificate, CertificateRule, RegisterCounter
from common.digests import digest_of
from common.locking import lock_row
from common.sweeps import nudge
from courses.models import Activity, CourseCompletion
from people.models import OrganisationUnit
from people.queries import current_assignment, present_form

NUMBER_FORMAT = "{register}-{year}-{number:06d}"


def issue_for_completion(*, completion_id: int, at: datetime) -> Certificate | None:
    """The certificate of a completion, issued now when its course has an active rule; None when it has none.

    Number, snapshot and row are one transaction: the counter's row is locked, so under any concurrency or crash no
    number is given twice or skipped, and a completion has at most one certificate. Idempotent.
    """
    with transaction.atomic():
        completion = lock_row(CourseCompletion.objects.filter(pk=completion_id).select_related("course", "person"))
        if completion is None:
            return None
        issued = Certificate.objects.filter(completion=completion).first()
        if issued is not None:
            return issued
        rule = (
            CertificateRule.objects.filter(course_id=completion.course_id, is_active=True)
            .select_related("template__current_version", "issuing_unit")
            .first()
        )
        if rule is None or rule.template.current_version is None:
            return None
        today = timezone.localtime(at).date()
        issuer, year = present_form(rule.issuing_unit, on=today), today.year
        number = next_number(register_code=issuer.code, year=year)
        snapshot = snapshot_of(completion, issuer)
        certificate = Certificate.objects.create(
            number=NUMBER_FORMAT.format(register=issuer.code, year=year, number=number),
            code=new_code(),
            issuing_unit=issuer,
            register_code=issuer.code,
            year=year,
            register_number=number,
            person=completion.person,
            completion=completion,
            template_version=rule.template.current_version,
            snapshot=snapshot,
            snapshot_digest=digest_of(snapshot),
            issued_at=at,
            expires_on=add_months(today, rule.validity_months),
        )
        from certificates.tasks import render_certificate

        nudge(render_certificate, certificate.pk)
        transaction.on_commit(
            lambda: events.certificate_issued.send_robust(sender=Certificate, certificate_id=certificate.pk),
            robust=True,
        )
        return certificate


def next_number(*, register_code: str, year: int) -> int:
    """The next number of a register; must be called inside the transaction that uses it."""
    RegisterCounter.objects.get_or_create(register_code=register_code, year=year)
    counter = RegisterCounter.objects.select_for_update().get(register_code=register_code, year=year)
    counter.last_number += 1
    counter.save(update_fields=["last_number"])
    return counter.last_number


def snapshot_of(completion: CourseCompletion, issuer: OrganisationUnit) -> dict[str, Any]:
    """What the certificate will say for ever, and the digest of the sitting that it stands on."""
    person, course = completion.person, completion.course
    day = timezone.localtime(completion.completed_at).date()
    assignment = current_assignment(person, on=day)
    test = final_test(completion)
    return {
        "name": person.full_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "unit": assignment.unit.name if assignment else None,
        "course_code": course.code,
        "course_title": course.title,
        "course_title_en": course.title_en,
        "hours": str(course.hours),
        "completed_on": day.isoformat(),
        "score": test.get("score"),
        "max_score": test.get("max_score"),
        "sitting": test.get("sitting"),
        "sitting_digest": test.get("digest"),
        "issuer": issuer.name,
        "issuer_en": issuer.name_en,
    }


def final_test(completion: CourseCompletion) -> dict[str, Any]:
    """The evidence of the last test among the completion's activities; empty when there was none."""
    tests = [
        row["evidence"]
        for row in completion.evidence.get("activities", [])
        if row["kind"] == Activity.Kind.TEST and row.get("evidence")
    ]
    evidence: dict[str, Any] = tests[-1] if tests else {}
    return evidence


def add_months(day: date, months: int | None) -> date | None:
    """The same day `months` later, or the last day of a shorter month; None for no months."""
    if months is None:
        return None
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
