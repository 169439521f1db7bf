"""A certificate whose sitting was marked again is put up for review; nothing is changed by itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from assessments.models import Sitting
from assessments.services import apply_regrade, moderate_result, request_regrade
from assessments.services.regrading import work_on_regrade
from certificates.exceptions import CertificateRefused
from certificates.models import Certificate, CertificateReview
from certificates.queries import sittings_marked_again
from certificates.services import issue_for_completion, keep_certificate, raise_reviews, revoke_certificate
from courses.models import Course
from courses.services import complete_lesson, decide_completion, enrol
from tests.conftest import NOW
from tests.factories import (
    activity,
    make_course,
    make_officer,
    make_person,
    make_portal,
    make_quiz,
    make_rule,
    make_unit,
    sit,
)

pytestmark = pytest.mark.django_db

REGISTER = "/quan-tri/snippets/certificates/certificate/"


def certified(*, right: int = 3) -> tuple[Certificate, Sitting]:
    """A certificate that stands on a sitting of the course's final test."""
    unit = make_unit(code="TN")
    course: Course = make_course(checks=1, gated=False)
    make_rule(course, unit)
    person = make_person(name="Lê Văn An")
    enrolment = enrol(person=person, course=course, by=person, at=NOW)
    for row in course.activities.filter(kind="lesson"):
        complete_lesson(enrolment=enrolment, activity=row, at=NOW)
    for row in course.activities.exclude(kind="lesson").exclude(kind="test"):
        sit(make_quiz(activity=row, pass_percent=50), person, right=4, enrolment=enrolment)
    sitting = sit(
        make_quiz(activity=activity(course, "thi"), pass_percent=75), person, right=right, enrolment=enrolment
    )
    completion = decide_completion(enrolment_id=enrolment.pk, at=NOW)
    assert completion is not None
    certificate = issue_for_completion(completion_id=completion.pk, at=NOW)
    assert certificate is not None
    assert certificate.snapshot["sitting_digest"] == sitting.current_run.digest
    return certificate, sitting


def regrade(sitting: Sitting, *, action: str = "remove", slot: int = 1) -> Any:
    change = {"question": sitting.paper.slots[slot - 1]["question"], "action": action}
    asked = request_regrade(quiz=sitting.quiz, changes=[change], reason="Câu sai", by=make_person(), at=NOW)
    work_on_regrade(regrade_id=asked.pk, worker="w", at=NOW)
    asked.refresh_from_db()
    return asked


def applied(sitting: Sitting, **what: Any) -> None:
    asked = regrade(sitting, **what)
    apply_regrade(regrade=asked, by=make_person(), at=NOW)
    work_on_regrade(regrade_id=asked.pk, worker="w", at=NOW)


def test_the_report_of_a_regrade_counts_the_certificates_and_completions_that_hang_on_it() -> None:
    _certificate, sitting = certified()
    totals = regrade(sitting).totals
    assert (totals["certificates"], totals["completions"], totals["no_longer_passed"]) == (1, 1, 1)


def test_a_regrade_puts_the_certificate_up_for_review_and_leaves_it_as_it_is() -> None:
    certificate, sitting = certified()
    applied(sitting)
    raise_reviews(sitting_id=sitting.pk, at=NOW)
    raise_reviews(sitting_id=sitting.pk, at=NOW)
    review = CertificateReview.objects.get()
    assert (review.certificate, review.old_score, review.new_score, review.is_still_passed) == (
        certificate, "3.00", "2.00", False,
    )  # fmt: skip
    certificate.refresh_from_db()
    assert (certificate.status, certificate.snapshot["score"]) == ("valid", "3.00")


def test_what_no_message_told_is_found_by_the_sweep_until_somebody_was_asked() -> None:
    _certificate, sitting = certified()
    assert not sittings_marked_again(at=NOW).exists()
    moderate_result(sitting=sitting, marks={4: Decimal("0.5")}, reason="Đề mờ", by=make_person(), at=NOW)
    CertificateReview.objects.all().delete()
    assert list(sittings_marked_again(at=NOW)) == [sitting]
    raise_reviews(sitting_id=sitting.pk, at=NOW)
    assert not sittings_marked_again(at=NOW).exists()


def test_a_review_is_decided_by_keeping_or_by_changing_the_certificate() -> None:
    certificate, sitting = certified()
    applied(sitting)
    (review,) = raise_reviews(sitting_id=sitting.pk, at=NOW) or [CertificateReview.objects.get()]
    for reason in ("", " ", "x" * 301):
        with pytest.raises(CertificateRefused):
            keep_certificate(review=review, reason=reason, by=make_person(), at=NOW)
    keep_certificate(review=review, reason="Hội đồng giữ nguyên", by=make_person(), at=NOW)
    with pytest.raises(CertificateRefused):
        keep_certificate(review=review, reason="Lần nữa", by=make_person(), at=NOW)
    applied(sitting, slot=2)
    raise_reviews(sitting_id=sitting.pk, at=NOW)
    revoke_certificate(certificate=certificate, reason="Không còn đạt", by=make_person(), at=NOW)
    decided = CertificateReview.objects.order_by("pk").values_list("decision", "reason")
    assert list(decided) == [("kept", "Hội đồng giữ nguyên"), ("changed", "Không còn đạt")]


def test_a_revoked_certificate_and_one_of_another_sitting_are_left_alone() -> None:
    certificate, sitting = certified()
    revoke_certificate(certificate=certificate, reason="Khác", by=make_person(), at=NOW)
    applied(sitting)
    assert raise_reviews(sitting_id=sitting.pk, at=NOW) == []


def test_the_database_wants_a_reason_behind_each_decision() -> None:
    _certificate, sitting = certified()
    applied(sitting)
    raise_reviews(sitting_id=sitting.pk, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CertificateReview.objects.update(decision="kept", decided_at=NOW)


def test_the_register_shows_what_waits_and_the_page_offers_to_keep_it() -> None:
    make_portal()
    certificate, sitting = certified()
    applied(sitting)
    raise_reviews(sitting_id=sitting.pk, at=NOW)
    client = Client()
    client.force_login(
        make_officer(certificate.issuing_unit, "administrator"), backend="django.contrib.auth.backends.ModelBackend"
    )
    waiting = client.get(REGISTER, {"for_review": "true"}).content.decode()
    assert certificate.number in waiting
    assert certificate.number not in client.get(REGISTER, {"for_review": "false"}).content.decode()
    page = client.get(f"{REGISTER}inspect/{certificate.pk}/").content.decode()
    assert "3,00 → 2,00" in page
    assert "không còn đạt" in page
    answer = client.post(f"/quan-tri/chung-chi/{certificate.pk}/giu-nguyen/", {"reason": "Hội đồng giữ nguyên"})
    assert answer.status_code == 302
    assert CertificateReview.objects.get().decision == "kept"
    assert "Hội đồng giữ nguyên" in client.get(f"{REGISTER}inspect/{certificate.pk}/").content.decode()
