"""Django's entry to the certificates room."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """The certificates room."""

    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Take part in content packs, hear of completions, show certificates on the learner's page."""
        from assessments.events import sitting_regraded
        from assessments.services import register_dependants
        from certificates import panels
        from certificates.pack_part import CertificatePart
        from certificates.services.reviews import KIND, certificates_on
        from common.navigation import NavItem, register_nav
        from courses.events import course_completed
        from courses.services import register_pack_part

        register_pack_part(CertificatePart())
        course_completed.connect(nudge_issue, dispatch_uid="certificates.nudge_issue")
        sitting_regraded.connect(nudge_review, dispatch_uid="certificates.nudge_review")
        register_dependants(KIND, certificates_on)
        panels.register()
        register_nav(NavItem(_("Verify a certificate"), "certificates:verify", 30))


def nudge_issue(sender: Any, *, completion_id: int, **kwargs: Any) -> None:
    """A course was completed: a certificate may be due. Only a nudge; the sweep would find it."""
    from certificates.tasks import issue_certificate
    from common.sweeps import nudge

    nudge(issue_certificate, completion_id)


def nudge_review(sender: Any, *, sitting_id: int, **kwargs: Any) -> None:
    """A sitting was marked again: its certificate may need a review. Only a nudge; the sweep would find it."""
    from certificates.tasks import review_certificates
    from common.sweeps import nudge

    nudge(review_certificates, sitting_id)
