"""Which course earns which certificate, as administrators set it: only in the name of their own units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import View
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.permission_policies.base import BasePermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.snippets import (
    DeleteView,
    EditView,
    HistoryView,
    IndexView,
    SnippetViewSet,
    UsageView,
)

from certificates.models import CertificateRule
from certificates.permissions import registers_of, rules_for
from common.admin import TextColumn
from people.models import OrganisationUnit, Person, RoleGrant
from people.permissions import has_role

FIELDS = ("course", "template", "issuing_unit", "validity_months", "is_active")


class RuleAdministrators(BasePermissionPolicy):
    """Administrators make and change the rules in whose name their units issue; superusers all of them."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether `user` may do `action` with some rule."""
        return has_role(user, RoleGrant.Role.ADMINISTRATOR)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: CertificateRule) -> bool:
        """Whether `user` may do `action` with this rule."""
        return rules_for(user).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet[CertificateRule]:
        """The rules of the user's units."""
        return rules_for(user)

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[Person]:
        """Who may do any of `actions` with some rule."""
        grants = RoleGrant.objects.valid_on(timezone.localdate()).filter(role=RoleGrant.Role.ADMINISTRATOR)
        return Person.objects.filter(Q(is_superuser=True) | Q(pk__in=grants.values("person")), is_active=True)


register_permission_policy(CertificateRule, RuleAdministrators(CertificateRule))


class RuleForm(WagtailAdminModelForm):
    """A rule; it can be set only for an open unit that the administrator administers."""

    def __init__(self, *args: Any, for_user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, for_user=for_user, **kwargs)
        units = OrganisationUnit.objects.filter(valid_to__isnull=True, pk__in=registers_of(for_user).values("pk"))
        self.fields["issuing_unit"].queryset = units


class OwnRule(View):
    """A view of one rule: 404 for those of other units, as Wagtail itself asks about the kind of object only."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Refuse before anything is read."""
        get_object_or_404(rules_for(request.user), pk=kwargs["pk"])
        super().setup(request, *args, **kwargs)


class RuleEditView(OwnRule, EditView):
    """Changing a rule."""


class RuleDeleteView(OwnRule, DeleteView):
    """Deleting a rule; what it issued stays."""


class RuleUsageView(OwnRule, UsageView):
    """Where a rule is used."""


class RuleHistoryView(OwnRule, HistoryView):
    """Who changed a rule."""


def is_active(rule: CertificateRule) -> str:
    """Whether a rule holds, in a word."""
    return _("Yes") if rule.is_active else _("No")


class RuleIndexView(IndexView):
    """The rules of the reader's units."""

    @cached_property
    def columns(self) -> list[Any]:
        """What is told of each."""
        return [
            self._get_title_column("course"),
            TextColumn("template", label=_("Certificate template")),
            TextColumn("issuing_unit", label=_("Issuing unit")),
            TextColumn("validity_months", label=_("Validity in months")),
            TextColumn("is_active", label=_("Active"), accessor=is_active),
        ]


class RuleViewSet(SnippetViewSet):
    """Which course earns which certificate."""

    model = CertificateRule
    icon = "tick-inverse"
    menu_label = gettext_lazy("Rules")
    index_view_class = RuleIndexView
    index_template_name = "people/admin/listing.html"
    copy_view_enabled = False
    edit_view_class = RuleEditView
    delete_view_class = RuleDeleteView
    usage_view_class = RuleUsageView
    history_view_class = RuleHistoryView
    edit_handler = ObjectList([FieldPanel(name) for name in FIELDS], base_form_class=RuleForm)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CertificateRule]:
        """Rules of the reader's units."""
        return rules_for(request.user).select_related("course", "template", "issuing_unit")

    def register_chooser_viewset(self) -> None:
        """Nothing chooses a rule."""
