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
        from certificates import panels
        from certificates.pack_part import CertificatePart
        from common.navigation import NavItem, register_nav
        from courses.events import course_completed
        from courses.services import register_pack_part

        register_pack_part(CertificatePart())
        course_completed.connect(nudge_issue, dispatch_uid="certificates.nudge_issue")
        panels.register()
        register_nav(NavItem(_("Verify a certificate"), "certificates:verify", 30))


def nudge_issue(sender: Any, *, completion_id: int, **kwargs: Any) -> None:
    """A course was completed: a certificate may be due. Only a nudge; the sweep would find it."""
    from certificates.tasks import issue_certificate
    from common.sweeps import nudge

    nudge(issue_certificate, completion_id)
