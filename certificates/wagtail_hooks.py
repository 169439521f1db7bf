"""What administrators see of certificates."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from certificates.models import Certificate, CertificateRule
from certificates.permissions import certificates_for


class CertificateViewSet(SnippetViewSet):
    """The register: what was issued, its state, and whether its files are made."""

    model = Certificate
    icon = "doc-full-inverse"
    menu_label = _("Register")
    list_display = ["number", "person", "issued_at", "status", "rendering"]
    list_filter = ["status", "rendering", "year", "register_code"]
    search_fields = ["number", "code"]
    inspect_view_enabled = True
    inspect_view_fields = [
        "number",
        "code",
        "person",
        "issued_at",
        "expires_on",
        "status",
        "status_reason",
        "rendering_error",
    ]
    copy_view_enabled = False
    add_to_reference_index = False
    panels = [FieldPanel("status_reason", read_only=True)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        """Certificates that this person may see."""
        return certificates_for(request.user).select_related("person")


class RuleViewSet(SnippetViewSet):
    """Which course earns which certificate."""

    model = CertificateRule
    icon = "tick-inverse"
    menu_label = _("Rules")
    list_display = ["course", "template", "issuing_unit", "validity_months", "is_active"]
    panels = [FieldPanel(name) for name in ("course", "template", "issuing_unit", "validity_months", "is_active")]


class CertificatesGroup(SnippetViewSetGroup):
    """Certificates."""

    items = (CertificateViewSet, RuleViewSet)
    menu_label = _("Certificates")
    menu_icon = "doc-full-inverse"
    menu_order = 140


register_snippet(CertificatesGroup)
