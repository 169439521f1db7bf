"""Who may sit an exam, under which number and in which room, and what is granted to whom beyond the rules."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.models.quiz import Quiz


class Registration(models.Model):
    """A candidate of a quiz: number on the list (số báo danh), room, seat; withdrawn with a reason, never deleted.

    `marking_number` (số phách) is random: markers see it and no name, so no page shows both to a marker. Place of birth
    and gender stand on the official lists as they were given when registering. Numbers are never given twice.
    """

    class Gender(models.TextChoices):
        FEMALE = "female", pgettext_lazy("gender", "Female")
        MALE = "male", pgettext_lazy("gender", "Male")

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="registrations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="registrations")
    candidate_number = models.CharField(_("candidate number"), max_length=20)
    marking_number = models.CharField(_("marking number"), max_length=20)
    room = models.CharField(pgettext_lazy("exam", "room"), max_length=60, blank=True)
    seat = models.CharField(_("seat"), max_length=20, blank=True)
    birth_place = models.CharField(_("place of birth"), max_length=120, blank=True)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["quiz_id", "candidate_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "person"],
                condition=Q(withdrawn_at__isnull=True),
                name="registration_once_per_person",
            ),
            models.UniqueConstraint(fields=["quiz", "candidate_number"], name="registration_number_once"),
            models.UniqueConstraint(fields=["quiz", "marking_number"], name="registration_marking_number_once"),
            models.CheckConstraint(
                condition=~Q(candidate_number="") & ~Q(marking_number=""), name="registration_has_numbers"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="registration_withdrawn_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["quiz", "room"], name="registration_quiz_room")]

    def __str__(self) -> str:
        return self.candidate_number


class RegistrationFile(models.Model):
    """A list of candidates in a file: checked whole, then applied whole or not at all."""

    class State(models.TextChoices):
        CHECKED = "checked", _("Checked, not yet applied")
        REFUSED = "refused", _("Refused")
        APPLIED = "applied", _("Applied")

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="registration_files")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State)
    rows = models.JSONField(default=list, help_text=_("Rows with the people's ids; emptied when applied."))
    row_count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, help_text=_("[{row, column, message_vi, message_en}]"))
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("list of candidates")
        verbose_name_plural = _("lists of candidates")
        ordering = ["-uploaded_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="applied", applied_at__isnull=False)
                | (~Q(state="applied") & Q(applied_at__isnull=True)),
                name="registration_file_applied_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class Accommodation(models.Model):
    """What one person, a unit or a room of a quiz is granted beyond its rules; withdrawn with a reason, never changed.

    Exactly one of `person`, `unit` and `room` says to whom. Several do not add up: see assessments/papers/terms.py.
    """

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="accommodations")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="accommodations"
    )
    unit = models.ForeignKey("people.OrganisationUnit", models.PROTECT, null=True, blank=True, related_name="+")
    room = models.CharField(pgettext_lazy("exam", "room"), max_length=60, blank=True)
    extra_minutes = models.PositiveSmallIntegerField(_("extra time in minutes"), default=0)
    time_factor = models.DecimalField(
        _("time times"), max_digits=4, decimal_places=2, default=1, help_text=_("1.25 is a quarter more.")
    )
    extra_attempts = models.PositiveSmallIntegerField(_("extra attempts"), default=0)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    ip_ranges = models.TextField(_("further addresses"), blank=True, help_text=_("One network a line, as 10.1.2.0/24."))
    password = models.CharField(_("own password"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("accommodation")
        verbose_name_plural = _("accommodations")
        ordering = [F("created_at").desc(), F("pk").desc()]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, unit__isnull=True, room="")
                | Q(person__isnull=True, unit__isnull=False, room="")
                | (Q(person__isnull=True, unit__isnull=True) & ~Q(room="")),
                name="accommodation_for_person_unit_or_room",
            ),
            models.CheckConstraint(
                condition=Q(time_factor__gte=1, time_factor__lte=10), name="accommodation_factor_in_range"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="accommodation_closes_after_opening",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="accommodation_has_reason"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="accommodation_withdrawn_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["quiz", "person"], name="accommodation_quiz_person")]

    def __str__(self) -> str:
        return f"{self.quiz_id}: {self.person_id or self.unit_id or self.room}"


class PasswordGuard(models.Model):
    """How many wrong passwords a person has given for a quiz since `since`: guessing is slowed down by it."""

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    wrong = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quiz", "person"], name="password_guard_once")]

    def __str__(self) -> str:
        return f"{self.quiz_id}, {self.person_id}: {self.wrong}"
