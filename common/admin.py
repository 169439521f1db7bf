"""What the listings of the rooms' administration pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.ui.tables import Column


class TextColumn(Column):  # type: ignore[misc]  # Wagtail has no types
    """A column whose cells name themselves, as a listing has no headings on a phone."""

    cell_template_name = "common/admin/cell.html"


def day_of(name: str) -> Callable[[Any], str]:
    """An accessor: the day in this field (of a moment: the local day) as people write it, or nothing."""

    def day(row: Any) -> str:
        value = getattr(row, name)
        if not value:
            return ""
        return date_format(timezone.localtime(value) if hasattr(value, "hour") else value, "SHORT_DATE_FORMAT")

    return day


def moment_of(name: str) -> Callable[[Any], str]:
    """An accessor: day and time in this field as people write them, or nothing."""

    def moment(row: Any) -> str:
        value = getattr(row, name)
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT") if value else ""

    return moment
