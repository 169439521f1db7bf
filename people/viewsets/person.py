"""People: the page of one person, making and editing them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton
from wagtail.users.views.users import UserViewSet

from common.exceptions import Refusal
from people import services
from people.models import AccessLog, Person
from people.permissions import signed_in
from people.viewsets import person_actions
from people.viewsets.actions import AdministratorView
from people.viewsets.forms import EditPersonForm, NewPersonForm, PersonForm
from people.viewsets.person_list import PersonFilterSet, PersonIndexView
from people.viewsets.scope import (
    administered_people,
    administered_units,
    administers_everything,
    may_change_person,
)


class PersonWrite(AdministratorView):
    """What making and editing share: the service's refusal stands above the form."""

    def form_valid(self, form: Any) -> Any:
        """Save through the services, or say why not."""
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            return self.form_invalid(form)  # type: ignore[attr-defined]

    def get_header_icon(self) -> str:
        """None: on a phone it would stand half outside."""
        return ""

    def get_success_url(self) -> str:
        """The person's page."""
        return reverse("wagtailusers_users:inspect", args=[self.object.pk])  # type: ignore[attr-defined]

    def get_success_buttons(self) -> list[Any]:
        """None: the page that follows has everything."""
        return []

    @cached_property
    def editor(self) -> Person:
        """Who does it."""
        return signed_in(self.request)


class PersonCreateView(PersonWrite, generic.CreateView):
    """A new person, with where they work; they set their password themselves."""

    page_title = gettext_lazy("Add a person")
    success_message = gettext_lazy("%(object)s was added. Send the activation link so that they can sign in.")
    error_message = gettext_lazy("The person could not be added; see what is marked.")

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the units of the editor."""
        kwargs = super().get_form_kwargs()
        kwargs.update(
            editor=self.editor,
            units=administered_units(self.editor),
            unit_required=not administers_everything(self.editor),
        )
        return kwargs

    def get_page_subtitle(self) -> str:
        """None: the title says it."""
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Users, this."""
        users = {"url": reverse("wagtailusers_users:index"), "label": _("Users")}
        return [*self.breadcrumbs_items, users, {"url": "", "label": self.get_page_title()}]

    def save_instance(self) -> Person:
        """Make the person, then put them in their unit."""
        form: NewPersonForm = self.form
        person = services.create_person(**form.person_fields(), by=self.editor)
        if form.cleaned_data["unit"] is not None:
            services.assign_person(
                person=person,
                unit=form.cleaned_data["unit"],
                title=form.cleaned_data["title"],
                valid_from=form.cleaned_data["valid_from"],
                by=self.editor,
            )
        return person


class PersonEditView(PersonWrite, generic.EditView):
    """A person's account."""

    success_message = gettext_lazy("Saved: %(object)s.")
    error_message = gettext_lazy("The person could not be saved; see what is marked.")

    def get_object(self, queryset: QuerySet[Person] | None = None) -> Person:
        """404 for whom the editor does not administer, 403 for who has more rights than the editor."""
        person = get_object_or_404(administered_people(self.request.user), pk=self.object_pk)
        if not may_change_person(self.request.user, person):
            raise PermissionDenied(_("This person has roles outside your units; only their administrators may edit."))
        return person

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The form; that it was read is logged."""
        response = super().get(request, *args, **kwargs)
        log_view(self.editor, self.object)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        """With what is kept of the citizen id, masked."""
        kwargs = super().get_form_kwargs()
        kwargs.update(editor=self.editor, masked_id=services.masked_citizen_id(person=self.object))
        return kwargs

    def save_instance(self) -> Person:
        """Change the person; rights only as a superuser."""
        form: EditPersonForm = self.form
        person = services.update_person(person=self.object, by=self.editor, **form.person_fields())
        if self.editor.is_superuser:
            person = services.set_account_rights(
                person=person,
                is_superuser=form.cleaned_data["is_superuser"],
                groups=form.cleaned_data["groups"],
                by=self.editor,
            )
        return person


class PersonInspectView(AdministratorView, generic.InspectView):
    """One person: account, where they work, what they may do, and what an administrator can do about it."""

    page_title = gettext_lazy("Person")
    template_name = "people/admin/person.html"

    def get_object(self, queryset: QuerySet[Person] | None = None) -> Person:
        """404 for whom the reader does not administer."""
        return get_object_or_404(administered_people(self.request.user), pk=self.pk)

    @cached_property
    def may_change(self) -> bool:
        """Whether the reader may edit this person."""
        return may_change_person(self.request.user, self.object)

    def get_edit_url(self) -> str | None:
        """None for who may only look."""
        return reverse(self.edit_url_name, args=[self.object.pk]) if self.may_change else None

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """None: there is one button."""
        return []

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Editing."""
        url = self.get_edit_url()
        return [HeaderButton(_("Edit"), url=url, icon_name="edit")] if url else []

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Nothing beside the template's own."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The tables, each row with whether it may be ended here."""
        context = super().get_context_data(**kwargs)
        person, viewer = self.object, signed_in(self.request)
        log_view(viewer, person)
        today = timezone.localdate()
        mine = set(administered_units(viewer).order_by().values_list("pk", flat=True))
        everything = administers_everything(viewer)
        context.update(
            person=person,
            may_change=self.may_change,
            masked_id=services.masked_citizen_id(person=person),
            assignments=[
                {"row": row, "open": row.valid_to is None, "may_end": row.valid_to is None and row.unit_id in mine}
                for row in person.assignments.select_related("unit").order_by("-valid_from", "-pk")
            ],
            grants=[
                {
                    "row": row,
                    "open": row.valid_to is None,
                    "may_end": row.valid_to is None and (everything or row.unit_id in mine),
                    "past": row.valid_to is not None and row.valid_to < today,
                }
                for row in person.role_grants.select_related("unit", "granted_by").order_by("-valid_from", "-pk")
            ],
        )
        return context


def log_view(by: Person, person: Person) -> None:
    """That somebody's account was read."""
    services.log_access(
        by=by, action=AccessLog.Action.VIEW, what=gettext_noop("account"), at=timezone.now(), subject=person
    )


class PersonViewSet(UserViewSet):
    """People in the Wagtail administration; nobody is deleted, and no password is typed by others."""

    ordering = "sort_key"
    template_prefix = ""
    filterset_class = PersonFilterSet
    list_per_page = 50
    inspect_view_enabled = True
    copy_view_enabled = False
    index_template_name = "people/admin/listing.html"
    create_template_name = edit_template_name = "people/admin/form.html"
    index_view_class = PersonIndexView
    add_view_class = PersonCreateView
    edit_view_class = PersonEditView
    inspect_view_class = PersonInspectView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Without the pages that people do not have."""
        absent = {"delete_url_name": None, "history_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**{**absent, **kwargs})

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """With its own template."""
        return super().get_inspect_view_kwargs(template_name=PersonInspectView.template_name, **kwargs)

    def get_form_class(self, for_update: bool = False) -> type[forms.Form]:
        """Forms that write through the services."""
        form: type[PersonForm] = EditPersonForm if for_update else NewPersonForm
        return form

    def get_urlpatterns(self) -> list[URLPattern]:
        """Listing, page, forms, and one address for each thing that can be done."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("new/", self.add_view, name="add"),
            path("edit/<int:pk>/", self.edit_view, name="edit"),
            path("inspect/<int:pk>/", self.inspect_view, name="inspect"),
            path("<int:pk>/assign/", person_actions.AssignView.as_view(), name="assign"),
            path("<int:pk>/assign/<int:row>/", person_actions.CloseAssignmentView.as_view(), name="close_assignment"),
            path("<int:pk>/grant/", person_actions.GrantView.as_view(), name="grant"),
            path("<int:pk>/grant/<int:row>/", person_actions.RevokeView.as_view(), name="revoke"),
            path("<int:pk>/citizen-id/", person_actions.RevealView.as_view(), name="reveal"),
            path("<int:pk>/activation/", person_actions.ActivationView.as_view(), name="activation"),
        ]
