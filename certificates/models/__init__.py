"""Certificates: templates, rules, the register and what was issued."""

from certificates.models.certificate import Certificate, RegisterCounter
from certificates.models.review import CertificateReview
from certificates.models.template import CertificateRule, CertificateTemplate, TemplateVersion

__all__ = [
    "Certificate",
    "CertificateReview",
    "CertificateRule",
    "CertificateTemplate",
    "RegisterCounter",
    "TemplateVersion",
]
