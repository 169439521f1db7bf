"""Commands of the certificates room: the only code that changes its state."""

from certificates.services.issue import issue_for_completion
from certificates.services.rendering import render_certificate, retry_rendering
from certificates.services.reviews import certificates_on, keep_certificate, raise_reviews
from certificates.services.rules import set_certificate_rule
from certificates.services.status import restore_certificate, revoke_certificate, suspend_certificate
from certificates.services.templates import ensure_templates

__all__ = [
    "certificates_on",
    "ensure_templates",
    "issue_for_completion",
    "keep_certificate",
    "raise_reviews",
    "render_certificate",
    "restore_certificate",
    "retry_rendering",
    "revoke_certificate",
    "set_certificate_rule",
    "suspend_certificate",
]
