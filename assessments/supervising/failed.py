"""Sittings whose marking failed, each to be marked again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy, ngettext

from assessments import services
from assessments.models import Sitting
from assessments.permissions import sittings_to_supervise
from assessments.supervising.pages import OfficerPage

PER_PAGE = 50


class FailedView(OfficerPage):
    """What failed, why, and the buttons."""

    template_name = "assessments/admin/supervision_failed.html"
    page_title = gettext_lazy("Failed markings")
    header_icon = "warning"

    def rows(self) -> QuerySet[Sitting]:
        """Those whom the officer supervises, longest waiting first."""
        rows = sittings_to_supervise(self.request.user).filter(state=Sitting.State.FAILED)
        return rows.select_related("person", "quiz").order_by("submitted_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of them."""
        page = Paginator(self.rows(), PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(page=page, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Have one, or all that are shown, marked again."""
        chosen = [int(pk) for pk in request.POST.getlist("sitting")[:PER_PAGE] if pk.isdecimal() and len(pk) < 19]
        sittings = list(self.rows().filter(pk__in=chosen))
        for sitting in sittings:
            services.retry_grading(sitting=sitting, by=self.by)
        said = ngettext(
            "%(count)d paper is being marked again.", "%(count)d papers are being marked again.", len(sittings)
        )
        messages.success(request, said % {"count": len(sittings)})
        return redirect("supervision_failed")
