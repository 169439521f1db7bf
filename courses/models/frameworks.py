"""Competence frameworks as data: framework → area → competence, and levels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CompetenceFramework(models.Model):
    """A published framework, such as TT 02/2025."""

    code = models.SlugField(_("code"), unique=True)
    title = models.CharField(_("title"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    source = models.CharField(_("source document"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("competence framework")
        verbose_name_plural = _("competence frameworks")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


class CompetenceArea(models.Model):
    """A part of a framework."""

    framework = models.ForeignKey(CompetenceFramework, models.CASCADE, related_name="areas")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["framework_id", "order"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="area_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Competence(models.Model):
    """What a person can do; courses, questions and certificates point here as `framework:code`."""

    area = models.ForeignKey(CompetenceArea, models.CASCADE, related_name="competences")
    key = models.CharField(max_length=100, unique=True, help_text=_("framework:code"))
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=500)
    title_en = models.CharField(max_length=500, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("competence")
        verbose_name_plural = _("competences")
        ordering = ["area_id", "order"]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"


class CompetenceLevel(models.Model):
    """A level of a framework."""

    framework = models.ForeignKey(CompetenceFramework, models.CASCADE, related_name="levels")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["framework_id", "order"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="level_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
