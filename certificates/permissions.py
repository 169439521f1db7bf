"""Who may open which certificate's files. Everything starts from no."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from certificates.models import Certificate, CertificateRule
from people.models import OrganisationUnit, RoleGrant
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
        rule |= Q(register_code__in=registers_of(person).values("code"))
    return Certificate.objects.filter(rule)


def may_change(person: Any, certificate: Certificate) -> bool:
    """Whether `person` may revoke, suspend or restore: administrators of the issuing unit."""
    return registers_of(person).filter(code=certificate.register_code).exists()


def registers_of(person: Any) -> QuerySet[OrganisationUnit]:
    """Units whose registers `person` administers, known by their codes, which go on when a unit is renamed or moved."""
    return units_for_role(person, RoleGrant.Role.ADMINISTRATOR).order_by()


def rules_for(person: Any) -> QuerySet[CertificateRule]:
    """Rules in whose name the units of `person` issue."""
    return CertificateRule.objects.filter(issuing_unit__code__in=registers_of(person).values("code"))
