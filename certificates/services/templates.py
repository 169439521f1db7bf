"""The templates that every installation has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import CertificateTemplate, TemplateVersion
from common.digests import digest_of

COURSE_COMPLETION: dict[str, Any] = {
    "design": "course_completion",
    "paper": "a4",
    "orientation": "landscape",
    "texts": {
        "heading": "GIẤY CHỨNG NHẬN",
        "heading_en": "CERTIFICATE",
        "subheading": "Hoàn thành khoá học",
        "subheading_en": "of course completion",
        "awarded": "Chứng nhận ông/bà",
        "awarded_en": "This is to certify that",
        "born": "Ngày sinh",
        "born_en": "Date of birth",
        "completed": "đã hoàn thành khoá học",
        "completed_en": "has completed the course",
        "hours": "Thời lượng",
        "hours_en": "Duration",
        "hours_unit": "giờ",
        "hours_unit_en": "hours",
        "result": "Kết quả bài thi cuối khoá",
        "result_en": "Final test",
        "number": "Số vào sổ",
        "number_en": "Register no.",
        "code": "Mã kiểm tra",
        "code_en": "Verification code",
        "verify": "Quét mã để kiểm tra",
        "verify_en": "Scan to verify",
        "place": "Tây Ninh",
        "expires": "Có giá trị đến hết ngày",
        "expires_en": "Valid until",
    },
}


@transaction.atomic
def ensure_templates(*, at: datetime) -> CertificateTemplate:
    """Make the course-completion template, or a new version of it when its layout has changed. Idempotent."""
    template, _created = CertificateTemplate.objects.get_or_create(
        slug="hoan-thanh-khoa-hoc", defaults={"title": "Giấy chứng nhận hoàn thành khoá học"}
    )
    publish_layout(template=template, layout=COURSE_COMPLETION, by=None, at=at)
    return template


@transaction.atomic
def publish_layout(*, template: CertificateTemplate, layout: dict[str, Any], by: Any, at: datetime) -> TemplateVersion:
    """A new version of a template; the same layout gives the current one back."""
    locked = CertificateTemplate.objects.select_for_update().get(pk=template.pk)
    digest = digest_of(layout)
    current = locked.current_version
    if current is not None and current.digest == digest:
        return current
    last = locked.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = TemplateVersion.objects.create(
        template=locked, number=last + 1, layout=layout, digest=digest, created_at=at, created_by=by
    )
    locked.current_version = version
    locked.save(update_fields=["current_version"])
    template.current_version = version
    return version
