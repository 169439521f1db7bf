"""Organisation units and who works where, with dates: closed, never overwritten."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet


class OrganisationUnitQuerySet(MP_NodeQuerySet):
    """Units by day."""

    def valid_on(self, day: date) -> OrganisationUnitQuerySet:
        """Units that existed on `day`; an empty `valid_to` means until further notice, else it is the last day."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class OrganisationUnitManager(MP_NodeManager):
    """Units in the order of the tree."""

    def get_queryset(self) -> OrganisationUnitQuerySet:
        """All units, parents before their children."""
        return OrganisationUnitQuerySet(self.model, using=self._db).order_by("path")

    def valid_on(self, day: date) -> OrganisationUnitQuerySet:
        """Units that existed on `day`."""
        return self.get_queryset().valid_on(day)


class OrganisationUnit(MP_Node):
    """A department, office, commune… in the form that it had from `valid_from` to `valid_to`.

    A unit that is renamed, moved, split or merged is closed and followed by `successors`; the code may go on.
    """

    class Kind(models.TextChoices):
        PROVINCE = "province", _("Province")
        DEPARTMENT = "department", _("Department")
        OFFICE = "office", _("Office")
        CENTRE = "centre", _("Centre")
        COMMUNE = "commune", _("Commune")
        WARD = "ward", _("Ward")
        SPECIAL_ZONE = "special_zone", _("Special zone")
        SCHOOL = "school", _("School")
        HEALTH = "health", _("Health facility")
        OTHER = "other", _("Other")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OFFICE)
    sort_key = models.CharField(max_length=500, db_index=True, editable=False)
    search_text = models.CharField(max_length=300, blank=True, editable=False)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to (last day)"), null=True, blank=True)
    successors = models.ManyToManyField("self", symmetrical=False, related_name="predecessors", blank=True)

    objects = OrganisationUnitManager()
    node_order_by: list[str] = []

    class Meta:
        verbose_name = _("organisation unit")
        verbose_name_plural = _("organisation units")
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to__isnull=True), name="unit_code_unique_while_open"
            ),
            models.UniqueConstraint(fields=["code", "valid_from"], name="unit_code_unique_per_start"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="unit_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments by day."""

    def valid_on(self, day: date) -> AssignmentQuerySet:
        """Assignments that held on `day`; `valid_to` is the last day."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class Assignment(models.Model):
    """A person works in a unit with a title, from one day to another."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(OrganisationUnit, models.PROTECT, related_name="assignments")
    title = models.CharField(_("title"), max_length=200, blank=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to (last day)"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "unit"],
                condition=Q(valid_to__isnull=True),
                name="assignment_open_once_per_unit",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="assignment_dates_in_order",
            ),
        ]
        indexes = [models.Index(fields=["unit", "valid_from"], name="assignment_unit_from")]

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.unit_id}"
