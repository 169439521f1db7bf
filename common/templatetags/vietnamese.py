"""Dates, numbers and lengths of time in the reader's language."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from common.dates import format_date, format_number

register = template.Library()


@register.filter
def vn_number(value: Any, digits: int | None = None) -> str:
    """1.234,5 or 1,234.5; nothing for nothing."""
    if value is None or value == "":
        return ""
    try:
        return format_number(Decimal(str(value)), digits=digits, language=get_language() or "vi")
    except (InvalidOperation, ValueError):  # a page must not fail for a value that is no number
        return ""


@register.filter
def vn_date(value: date | datetime | None, form: str = "") -> str:
    """24/11/2026 in local time; with "long" Thứ Ba, ngày 24 tháng 11 năm 2026."""
    if not isinstance(value, date):
        return ""
    day = _local(value).date() if isinstance(value, datetime) else value
    return format_date(day, long=form == "long")


@register.filter
def vn_datetime(value: datetime | None) -> str:
    """09:41 24/11/2026 in local time."""
    if not isinstance(value, datetime):
        return ""
    local = _local(value)
    return f"{local:%H:%M} {format_date(local.date())}"


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


@register.filter
def vn_duration(length: timedelta | float | None) -> str:
    """A timedelta or seconds as 1 hour 30 minutes, in words; seconds only below a minute."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    if not isinstance(seconds, int | float | Decimal) or seconds < 0:
        return ""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if minutes:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes})
    if not parts:
        return ngettext("%(count)d second", "%(count)d seconds", whole) % {"count": whole}
    return " ".join(parts)


@register.filter
def percent(value: float | Decimal | None, digits: int = 0) -> str:
    """71,4 % from 71.4."""
    if value is None:
        return ""
    return _("%(number)s%%") % {"number": vn_number(value, digits)}


@register.filter
def in_language(thing: Any, field: str) -> str:
    """`thing.field_en` on English screens when it is not empty, else `thing.field`."""
    if (get_language() or "vi").startswith("en"):
        english = getattr(thing, f"{field}_en", "")
        if english:
            return str(english)
    return str(getattr(thing, field, "") or "")
