"""What the certificates room shows on the courses' pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from certificates.models import CertificateRule
from certificates.queries import certificates_of
from common.panels import register_panel


def my_certificates(request: HttpRequest, context: dict[str, Any]) -> str:
    """My learning: my certificates."""
    certificates = list(certificates_of(request.user)[:10])
    if not certificates:
        return ""
    return render_to_string("certificates/panels/mine.html", {"certificates": certificates}, request)


def earns_certificate(request: HttpRequest, context: dict[str, Any]) -> str:
    """Course page: completing it earns a certificate; who has it finds it here."""
    course = context.get("course")
    rule = CertificateRule.objects.filter(course=course, is_active=True).select_related("template").first()
    if rule is None:
        return ""
    own = None
    if request.user.is_authenticated:
        own = certificates_of(request.user).filter(completion__course=course).first()
    return render_to_string("certificates/panels/course.html", {"rule": rule, "own": own}, request)


def register() -> None:
    """Take the places."""
    register_panel("my_learning", my_certificates, order=10)
    register_panel("course_sidebar", earns_certificate, order=10)
