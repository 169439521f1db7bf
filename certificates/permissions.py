"""Who may open which certificate's files. Everything starts from no."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from certificates.models import Certificate
from people.models import RoleGrant
from people.permissions import people_visible_to, units_for_role


def certificates_for(person: Any) -> QuerySet[Certificate]:
    """One's own; for HR officers those of their people; for administrators those that their units issued."""
    if not getattr(person, "is_authenticated", False):
        return Certificate.objects.none()
    if person.is_superuser:
        return Certificate.objects.all()
    rule = Q(person=person)
    if person.is_staff:
        rule |= Q(person__in=people_visible_to(person))
        rule |= Q(issuing_unit__in=units_for_role(person, RoleGrant.Role.ADMINISTRATOR))
    return Certificate.objects.filter(rule)


def may_change(person: Any, certificate: Certificate) -> bool:
    """Whether `person` may revoke, suspend or restore: administrators of the issuing unit."""
    return units_for_role(person, RoleGrant.Role.ADMINISTRATOR).filter(pk=certificate.issuing_unit_id).exists()
