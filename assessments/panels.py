"""What the assessments room shows on the courses' pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from assessments.models import Sitting
from common.panels import register_panel
from people.permissions import signed_in


def last_results(request: HttpRequest, context: dict[str, Any]) -> str:
    """My learning: my last results."""
    sittings = list(
        Sitting.objects.filter(person=signed_in(request))
        .exclude(state=Sitting.State.OPEN)
        .select_related("quiz__activity__course")
        .order_by("-submitted_at")[:10]
    )
    if not sittings:
        return ""
    return render_to_string("assessments/panels/last_results.html", {"sittings": sittings}, request)


def register() -> None:
    """Take the places."""
    register_panel("my_learning", last_results, order=20)
