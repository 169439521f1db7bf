"""Answer files in the menu of the administration; their pages are in assessments/answer_file_views.py."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from assessments.supervising.addresses import SupervisionMenuItem


@hooks.register("register_admin_menu_item")
def answer_files_menu_item() -> SupervisionMenuItem:
    """After the boards."""
    return SupervisionMenuItem(
        _("Answer files"), reverse("assessments:answer_files"), name="answer-files", icon_name="download", order=136
    )
