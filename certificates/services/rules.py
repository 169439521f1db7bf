"""Which certificate a course earns."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certificates.exceptions import CertificateRefused
from certificates.models import CertificateRule, CertificateTemplate
from common.messages import filled
from courses.models import Course
from people.models import OrganisationUnit


@transaction.atomic
def set_certificate_rule(
    *, course: Course, template_slug: str, validity_months: int | None, by: Any
) -> CertificateRule:
    """Completing `course` earns a certificate of this template. An issuing unit set before is kept.

    Without one, the first open root unit issues. Raises CertificateRefused when template or unit is missing.
    """
    template = CertificateTemplate.objects.filter(slug=template_slug).first()
    if template is None:
        raise CertificateRefused(filled(_("There is no certificate template “%(slug)s”."), {"slug": template_slug}))
    rule = CertificateRule.objects.filter(course=course).first()
    unit = rule.issuing_unit if rule else default_issuing_unit()
    if unit is None:
        raise CertificateRefused(_("There is no organisation unit that could issue certificates; open one first."))
    values = {
        "template": template,
        "validity_months": validity_months,
        "is_active": True,
        "issuing_unit": unit,
    }
    if rule is None:
        return CertificateRule.objects.create(course=course, **values)
    if any(getattr(rule, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(rule, name, value)
        rule.save()
    return rule


def default_issuing_unit() -> OrganisationUnit | None:
    """The first open unit at the top of the organisation."""
    return OrganisationUnit.objects.filter(depth=1, valid_to__isnull=True).order_by("path").first()
