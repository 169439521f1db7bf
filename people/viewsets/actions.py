"""A page with a small form that calls one service: what all changes in these screens look like."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from django.views.generic.base import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from common.exceptions import Refusal
from people.permissions import require_role
from people.viewsets.scope import ADMINISTRATOR


class AdministratorView(View):
    """A view for administrators; anybody else gets 403, as the administration itself would only lead elsewhere."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse with the reason on a page of its own."""
        try:
            require_role(request.user, ADMINISTRATOR)
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied as refusal:
            return render(request, "403.html", {"reason": str(refusal)}, status=403)


class ActionView(AdministratorView, WagtailAdminTemplateMixin, FormView[forms.Form]):
    """Shows `form_class`, then calls `perform`; a refusal of the service stands above the form."""

    template_name = "people/admin/action.html"
    submit_button_label: str | Promise = _("Save")
    explanation: str | Promise = ""
    is_serious = False

    def perform(self, data: dict[str, Any]) -> str:
        """Call the service; what to tell afterwards."""
        raise NotImplementedError

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Do it, or say why not."""
        try:
            with transaction.atomic():
                message = self.perform(form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, message)
        return redirect(self.get_success_url())

    def get_explanation(self) -> str | Promise:
        """One sentence: what this does."""
        return self.explanation

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form and its words."""
        context = super().get_context_data(**kwargs)
        context["media"] = context["form"].media
        context["action_url"] = self.request.get_full_path()
        context["back_url"] = self.get_success_url()
        return context
