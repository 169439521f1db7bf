"""How the officers' screens say times and accommodations."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Accommodation
from assessments.supervising.board import HEARD_LATELY

register = template.Library()


@register.filter
def clock(left: timedelta | None) -> str:
    """Hours, minutes and seconds that are left, or nothing."""
    if left is None:
        return ""
    minutes, seconds = divmod(int(left.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


@register.filter
def heard_of(last: datetime | None, at: datetime) -> str:
    """Whether the device is connected, or since when nothing was heard of it."""
    if last is None:
        return _("not heard of yet")
    silence = at - last
    if silence <= HEARD_LATELY:
        return _("connected")
    minutes = int(silence.total_seconds() // 60)
    return ngettext("silent for %(n)d minute", "silent for %(n)d minutes", minutes) % {"n": minutes}


@register.filter
def granted_to(row: Accommodation) -> str:
    """To whom."""
    if row.person is not None:
        return row.person.full_name
    return str(row.unit) if row.unit is not None else _("Room %(room)s") % {"room": row.room}


@register.filter
def granted(row: Accommodation) -> str:
    """What, in few words; passwords are not shown."""
    parts = []
    if row.time_factor > 1:
        parts.append(_("time × %(factor)s") % {"factor": number_format(row.time_factor.normalize(), use_l10n=True)})
    if row.extra_minutes:
        parts.append(_("+%(n)d min") % {"n": row.extra_minutes})
    if row.extra_attempts:
        words = ngettext("+%(n)d attempt", "+%(n)d attempts", row.extra_attempts)
        parts.append(words % {"n": row.extra_attempts})
    if row.opens_at:
        parts.append(_("from %(at)s") % {"at": _moment(row.opens_at)})
    if row.closes_at:
        parts.append(_("until %(at)s") % {"at": _moment(row.closes_at)})
    if row.ip_ranges:
        parts.append(_("further addresses"))
    if row.password:
        parts.append(_("own password"))
    return ", ".join(parts)


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
