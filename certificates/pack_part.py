"""The certificates room's part of content packs: `certificate:` in pack.yaml."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from certificates.models import CertificateRule, CertificateTemplate
from certificates.services.rules import default_issuing_unit, set_certificate_rule
from common.messages import filled
from courses.models import Course
from courses.services import PackProblem, PackSource


class CertificatePart:
    """Which certificate the course earns (courses.packs.parts.PackPart)."""

    name = "certificate"

    def check(self, pack: PackSource) -> list[PackProblem]:
        """Whether the template exists and somebody can issue it."""
        facts = pack.facts.get("certificate")
        if not isinstance(facts, dict):
            return []
        slug = str(facts.get("template"))
        if not CertificateTemplate.objects.filter(slug=slug).exists():
            return [
                PackProblem("pack.yaml", 0, filled(_("certificate: there is no template “%(slug)s”."), {"slug": slug}))
            ]
        if default_issuing_unit() is None:
            return [PackProblem("pack.yaml", 0, _("certificate: open an organisation unit that issues it first."))]
        return []

    def apply(self, *, course: Course, pack: PackSource, by: Any, at: datetime) -> None:
        """Set or end the course's rule."""
        facts = pack.facts.get("certificate")
        if isinstance(facts, dict):
            set_certificate_rule(
                course=course,
                template_slug=facts["template"],
                validity_months=facts.get("validity_months"),
                by=by,
            )
        else:
            CertificateRule.objects.filter(course=course).update(is_active=False)

    def write(self, *, course: Course, facts: dict[str, Any], target: Path) -> None:
        """Write the course's rule."""
        rule = CertificateRule.objects.filter(course=course, is_active=True).select_related("template").first()
        if rule is not None:
            facts["certificate"] = {"template": rule.template.slug, "validity_months": rule.validity_months}
