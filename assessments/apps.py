"""Django's entry to the assessments room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """The assessments room."""

    name = "assessments"
    verbose_name = _("Assessments")

    def ready(self) -> None:
        """Take part in content packs and show checks and tests on the courses' pages."""
        from assessments import panels
        from assessments.packs.part import QuestionsPart
        from courses.services import register_pack_part

        register_pack_part(QuestionsPart())
        panels.register()
