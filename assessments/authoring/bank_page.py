"""What the pages about one bank share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from assessments.authoring.scope import RoleView
from assessments.models import Bank
from assessments.permissions import banks_for


class BankPage(RoleView, WagtailAdminTemplateMixin, TemplateView):
    """A page about one bank of the reader; 404 for banks of others."""

    @cached_property
    def bank(self) -> Bank:
        """The bank."""
        return bank_of(self.request, self.kwargs["pk"])

    def get_page_subtitle(self) -> str:
        """Which bank."""
        return self.bank.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Banks, the bank, this."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse("banks:index"), "label": _("Question banks")},
            {"url": reverse("banks:edit", args=[self.bank.pk]), "label": self.bank.title},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the bank."""
        return super().get_context_data(bank=self.bank, **kwargs)


def bank_of(request: HttpRequest, pk: int) -> Bank:
    """A bank of the reader; 404 for others."""
    return get_object_or_404(banks_for(request.user).select_related("unit"), pk=pk)
