"""The administration's menu of the organisation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy
from wagtail.admin.viewsets.base import ViewSetGroup

from people.viewsets.access_log import AccessLogViewSet
from people.viewsets.units import UnitViewSet


class OrganisationGroup(ViewSetGroup):
    """Units and the access log."""

    items = (UnitViewSet, AccessLogViewSet)
    menu_label = gettext_lazy("Organisation")
    menu_icon = "group"
    menu_order = 150
