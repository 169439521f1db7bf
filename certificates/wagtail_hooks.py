"""What administrators see of certificates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies.base import BasePermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import IndexView, InspectView, SnippetViewSet, SnippetViewSetGroup

from certificates import admin_views
from certificates.admin_views import LOGGED, action_url, actions_for, history_of
from certificates.codes import read_code
from certificates.models import Certificate, CertificateReview
from certificates.permissions import certificates_for, may_change, registers_of
from certificates.queries import state_on
from certificates.rules_admin import RuleViewSet
from common.admin import TextColumn, day_of
from people.models import AccessLog, Person, RoleGrant
from people.permissions import has_role, signed_in
from people.queries import search_people
from people.services import log_access

ADMINISTRATOR = RoleGrant.Role.ADMINISTRATOR


class RegisterReaders(BasePermissionPolicy):
    """Administrators read the register; nobody writes into it here, superusers neither."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether `user` may do `action` with some certificate."""
        return action == "view" and has_role(user, ADMINISTRATOR)

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[Person]:
        """Who may do any of `actions`."""
        if "view" not in actions:
            return Person.objects.none()
        grants = RoleGrant.objects.valid_on(timezone.localdate()).filter(role=ADMINISTRATOR)
        return Person.objects.filter(Q(is_superuser=True) | Q(pk__in=grants.values("person")), is_active=True)


register_permission_policy(Certificate, RegisterReaders(Certificate))


class RegisterView(IndexView):
    """The register, newest first; each certificate with what can be done about it."""

    page_title = gettext_lazy("Register")

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """What is told of each."""
        return [
            self._get_title_column("number"),
            TextColumn("person", label=_("Holder"), sort_key="person__sort_key"),
            TextColumn("course", label=_("Course"), accessor=lambda row: row.snapshot.get("course_title", "")),
            TextColumn("issued_at", label=_("Issued"), accessor=day_of("issued_at"), sort_key="issued_at"),
            TextColumn("status", label=_("Status"), accessor="get_status_display", sort_key="status"),
            TextColumn("rendering", label=_("Files"), accessor="get_rendering_display", sort_key="rendering"),
        ]

    def search_queryset(self, queryset: QuerySet[Certificate]) -> QuerySet[Certificate]:
        """By number, by verification code as somebody types it, by holder without diacritics."""
        if not self.is_searching:
            return queryset
        text = self.search_query.strip()
        holders = search_people(text).order_by().values("pk")
        found = Q(number__icontains=text) | Q(person__in=holders)
        if code := read_code(text):
            found |= Q(code=code)
        return queryset.filter(found)

    @cached_property
    def changeable_registers(self) -> set[str]:
        """Registers whose certificates the reader may change; asked once for all rows."""
        return set(registers_of(self.request.user).values_list("code", flat=True))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The listing; that it was read is logged."""
        log_access(
            by=signed_in(self.request),
            action=AccessLog.Action.VIEW,
            what=gettext_noop("register of certificates"),
            exactly=self.search_query or "",
            at=timezone.now(),
        )
        return super().get_context_data(**kwargs)

    def get_inspect_url(self, instance: Certificate) -> str:
        """The certificate's page, without asking about the reader for each row."""
        return reverse_inspect(instance)

    def get_edit_url(self, instance: Certificate) -> None:
        """None: the register is not edited."""

    def get_delete_url(self, instance: Certificate) -> None:
        """None: nothing is deleted."""

    def get_copy_url(self, instance: Certificate) -> None:
        """None: certificates are issued, not copied."""

    def get_list_more_buttons(self, instance: Certificate) -> list[Any]:
        """Inspect, and what can be done in the state in which it is."""
        buttons = super().get_list_more_buttons(instance)
        if instance.register_code in self.changeable_registers:
            buttons += [
                Button(action.label, action_url(instance, action), icon_name=action.icon, priority=30 + number)
                for number, action in enumerate(actions_for(instance))
            ]
        return buttons


def reverse_inspect(certificate: Certificate) -> str:
    """The address of a certificate's page in the administration."""
    return reverse(admin_views.INSPECT, args=[certificate.pk])


class CertificateInspectView(InspectView):
    """One certificate: what it says, its files, what happened to it, what can be done."""

    template_name = "certificates/admin/certificate.html"
    page_title = gettext_lazy("Certificate")

    def get_object(self, queryset: QuerySet[Certificate] | None = None) -> Certificate:
        """404 for certificates that the reader may not see."""
        rows = certificates_for(self.request.user).select_related("person", "issuing_unit", "status_by")
        return get_object_or_404(rows, pk=self.pk)

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """None: every button is in sight."""
        return []

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Nothing beside the template's own."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With history and offers; that it was read is logged."""
        context = super().get_context_data(**kwargs)
        certificate, reader = self.object, signed_in(self.request)
        log_access(
            by=reader,
            action=AccessLog.Action.VIEW,
            what=gettext_noop("certificate"),
            exactly=certificate.number,
            at=timezone.now(),
            subject=certificate.person,
        )
        offered = actions_for(certificate) if may_change(reader, certificate) else []
        context.update(
            certificate=certificate,
            is_expired=state_on(certificate, timezone.localdate()) == "expired",
            actions=[{"action": action, "url": action_url(certificate, action)} for action in offered],
            history=history_of(certificate),
            reviews=certificate.reviews.select_related("decided_by"),
            has_files=certificate.rendering == Certificate.Rendering.DONE,
        )
        return context


class RegisterFilters(WagtailFilterSet):
    """State, files, year, register; and those that somebody has to look at again."""

    for_review = django_filters.BooleanFilter(label=gettext_lazy("For review"), method="narrow")

    class Meta:
        model = Certificate
        fields = ["status", "rendering", "year", "register_code"]

    def narrow(self, queryset: QuerySet[Certificate], name: str, value: bool) -> QuerySet[Certificate]:
        """Certificates with, or without, a review that waits for a decision."""
        waits = Exists(CertificateReview.objects.filter(certificate=OuterRef("pk"), decision=""))
        return queryset.filter(waits if value else ~waits)


class CertificateViewSet(SnippetViewSet):
    """The register: what was issued, its state, and whether its files are made."""

    model = Certificate
    icon = "doc-full-inverse"
    menu_label = gettext_lazy("Register")
    filterset_class = RegisterFilters
    search_fields = ["number", "code"]
    list_per_page = 50
    ordering = "-issued_at"
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    index_view_class = RegisterView
    inspect_view_class = CertificateInspectView
    index_template_name = "people/admin/listing.html"
    inspect_template_name = CertificateInspectView.template_name
    panels = [FieldPanel("status_reason", read_only=True)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        """Certificates that this person may see."""
        waiting = Prefetch("reviews", CertificateReview.objects.filter(decision=""), to_attr="open_reviews")
        return certificates_for(request.user).select_related("person").prefetch_related(waiting)

    def register_chooser_viewset(self) -> None:
        """Nothing chooses a certificate, and a chooser would show the whole register to every author."""


class CertificatesGroup(SnippetViewSetGroup):
    """Certificates."""

    items = (CertificateViewSet, RuleViewSet)
    menu_label = gettext_lazy("Certificates")
    menu_icon = "doc-full-inverse"
    menu_order = 140


register_snippet(CertificatesGroup)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Changing a certificate."""
    return [
        path("chung-chi/<int:pk>/<slug:key>/", admin_views.change_certificate, name="certificate_action"),
    ]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """What the administration's log says of a change."""
    actions.register_action(
        LOGGED, gettext_lazy("Certificate changed"), gettext_lazy("Changed the certificate's state")
    )
