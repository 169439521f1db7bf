"""Django's entry to the assessments room."""

from typing import Any

from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """The assessments room."""

    name = "assessments"
    verbose_name = _("Assessments")

    def ready(self) -> None:
        """Take part in content packs and show checks and tests on the courses' pages."""
        from assessments import panels
        from assessments.events import sitting_graded
        from assessments.packs.part import QuestionsPart
        from courses.services import register_pack_part

        register_pack_part(QuestionsPart())
        sitting_graded.connect(count_graded, dispatch_uid="assessments.count_graded")
        panels.register()


def count_graded(sender: Any, *, sitting_id: int, **kwargs: Any) -> None:
    """A sitting has a grade: its quiz will be analysed. The sweep would find it as well, later."""
    from assessments.services import note_graded

    note_graded(sitting_id=sitting_id, at=timezone.now())
