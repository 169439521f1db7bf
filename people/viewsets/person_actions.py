"""What an administrator does about one person: unit, role, first password, citizen id."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from people import services
from people.exceptions import InvalidPerson
from people.models import AccessLog, Assignment, Person, RoleGrant
from people.permissions import signed_in
from people.viewsets.actions import ActionView, AdministratorView
from people.viewsets.forms import AssignForm, GrantForm, LastDayForm, WhyForm
from people.viewsets.scope import (
    administered_people,
    administered_units,
    administers_everything,
    may_change_person,
)


class PersonAction(ActionView):
    """An action on a person whom the administrator administers; afterwards, their page."""

    header_icon = "user"

    @cached_property
    def person(self) -> Person:
        """404 for whom the administrator does not administer."""
        return get_object_or_404(administered_people(self.request.user), pk=self.kwargs["pk"])

    @cached_property
    def by(self) -> Person:
        """Who does it."""
        return signed_in(self.request)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, for somebody who is there."""
        self.check()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The same for what is sent."""
        self.check()
        return super().post(request, *args, **kwargs)

    def check(self) -> None:
        """Raise Http404 or PermissionDenied for who may not."""
        assert self.person

    def get_page_subtitle(self) -> str:
        """The person's name."""
        return self.person.full_name

    def get_success_url(self) -> str:
        """The person's page; the listing when they have just left the administrator's units."""
        if not administered_people(self.by).filter(pk=self.person.pk).exists():
            return reverse("wagtailusers_users:index")
        return reverse("wagtailusers_users:inspect", args=[self.person.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Users, the person, this."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse("wagtailusers_users:index"), "label": _("Users")},
            {"url": self.get_success_url(), "label": self.person.full_name},
            {"url": "", "label": self.get_page_title()},
        ]


class AssignView(PersonAction):
    """Put a person in a unit."""

    page_title = gettext_lazy("Assign to a unit")
    form_class = AssignForm
    submit_button_label = gettext_lazy("Assign")
    explanation = gettext_lazy("The same unit again changes the title only. To move somebody, close the old one too.")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Units of the administrator."""
        return {**super().get_form_kwargs(), "units": administered_units(self.by)}

    def perform(self, data: dict[str, Any]) -> str:
        """Assign."""
        services.assign_person(person=self.person, by=self.by, **data)
        return _("%(person)s is assigned to %(unit)s.") % {"person": self.person, "unit": data["unit"]}


class CloseAssignmentView(PersonAction):
    """End an assignment."""

    page_title = gettext_lazy("Close the assignment")
    form_class = LastDayForm
    submit_button_label = gettext_lazy("Close the assignment")

    @cached_property
    def row(self) -> Assignment:
        """An open assignment in a unit of the administrator."""
        rows = self.person.assignments.filter(valid_to__isnull=True, unit__in=administered_units(self.by).order_by())
        return get_object_or_404(rows.select_related("unit"), pk=self.kwargs["row"])

    def check(self) -> None:
        """The assignment must be there too."""
        assert self.row

    def get_explanation(self) -> str | Promise:
        """Which one."""
        return _("%(unit)s, since %(day)s. It stays in the history.") % {
            "unit": self.row.unit.name,
            "day": self.row.valid_from.strftime("%d/%m/%Y"),
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Not before the first day."""
        return {**super().get_form_kwargs(), "first_day": self.row.valid_from}

    def perform(self, data: dict[str, Any]) -> str:
        """Close."""
        services.close_assignment(assignment=self.row, last_day=data["last_day"], by=self.by)
        return _("The assignment to %(unit)s ends on %(day)s.") % {
            "unit": self.row.unit.name,
            "day": data["last_day"].strftime("%d/%m/%Y"),
        }


class GrantView(PersonAction):
    """Give a person a role."""

    page_title = gettext_lazy("Give a role")
    form_class = GrantForm
    submit_button_label = gettext_lazy("Give the role")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Within the units of the administrator."""
        everywhere = administers_everything(self.by)
        return {**super().get_form_kwargs(), "units": administered_units(self.by), "everywhere": everywhere}

    def perform(self, data: dict[str, Any]) -> str:
        """Grant."""
        grant = services.grant_role(person=self.person, by=self.by, **data)
        return _("%(person)s: %(role)s, %(unit)s.") % {
            "person": self.person,
            "role": grant.get_role_display(),
            "unit": grant.unit or _("everywhere"),
        }


class RevokeView(PersonAction):
    """End a role."""

    page_title = gettext_lazy("Revoke the role")
    form_class = LastDayForm
    submit_button_label = gettext_lazy("Revoke the role")
    is_serious = True

    @cached_property
    def row(self) -> RoleGrant:
        """An open grant within what the administrator administers."""
        rows = self.person.role_grants.filter(valid_to__isnull=True)
        if not administers_everything(self.by):
            rows = rows.filter(unit__in=administered_units(self.by).order_by())
        return get_object_or_404(rows.select_related("unit"), pk=self.kwargs["row"])

    def check(self) -> None:
        """The grant must be there too."""
        assert self.row

    def get_explanation(self) -> str | Promise:
        """Which one."""
        return _("%(role)s, %(unit)s, since %(day)s.") % {
            "role": self.row.get_role_display(),
            "unit": self.row.unit or _("everywhere"),
            "day": self.row.valid_from.strftime("%d/%m/%Y"),
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Not before the first day."""
        first_day, today = self.row.valid_from, timezone.localdate()
        if first_day < today:
            help_text = _("The role holds until the end of this day; choose yesterday to end it at once.")
        else:
            help_text = _(
                "The role holds until the end of this day; as it began no earlier, it cannot end before that."
            )
        return {**super().get_form_kwargs(), "first_day": first_day, "help_text": help_text}

    def perform(self, data: dict[str, Any]) -> str:
        """Revoke."""
        services.revoke_role(grant=self.row, last_day=data["last_day"], by=self.by)
        return _("The role %(role)s ends on %(day)s.") % {
            "role": self.row.get_role_display(),
            "day": data["last_day"].strftime("%d/%m/%Y"),
        }


class RevealView(PersonAction):
    """Show the citizen id, once, to who says what for."""

    page_title = gettext_lazy("Show the citizen id")
    form_class = WhyForm
    submit_button_label = gettext_lazy("Show the citizen id")

    def check(self) -> None:
        """For who may edit the person."""
        if not may_change_person(self.by, self.person):
            raise PermissionDenied(_("Only administrators of this person may read the citizen id."))

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """The answer to this request holds the number; it has no address of its own."""
        digits = services.reveal_citizen_id(
            person=self.person, by=self.by, why=form.cleaned_data["why"], at=timezone.now()
        )
        context = self.get_context_data(form=form, person=self.person, digits=digits)
        return render(self.request, "people/admin/citizen_id.html", context)


class ActivationView(AdministratorView):
    """Send the activation link; who has no e-mail is handed it over. Only by POST."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send it, or show it."""
        by = signed_in(request)
        person = get_object_or_404(administered_people(by), pk=pk)
        if not may_change_person(by, person):
            raise PermissionDenied(_("Only administrators of this person may send the activation link."))
        page = redirect("wagtailusers_users:inspect", pk)
        try:
            if person.email:
                services.send_activation_link(person=person, by=by, at=timezone.now())
                messages.success(request, _("The activation link was sent to %(email)s.") % {"email": person.email})
                return page
            address = services.activation_address(person=person)
        except InvalidPerson as refusal:
            messages.error(request, str(refusal))
            return page
        services.log_access(
            by=by, action=AccessLog.Action.VIEW, what=gettext_noop("activation link"), at=timezone.now(), subject=person
        )
        context = {"person": person, "address": address, "back_url": page.url}
        return render(request, "people/admin/activation.html", context)
