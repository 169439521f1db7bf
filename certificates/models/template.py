"""What a certificate looks like and when one is due."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class CertificateTemplate(models.Model):
    """A design; what is printed is always one of its versions."""

    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=200)
    current_version = models.ForeignKey(
        "certificates.TemplateVersion", models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("certificate template")
        verbose_name_plural = _("certificate templates")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class TemplateVersion(models.Model):
    """A design as it was published, never changed (triggers refuse it).

    `layout` is data for certificates/renderers/: {"design", "paper", "orientation", "texts": {…}}; it holds no code.
    """

    template = models.ForeignKey(CertificateTemplate, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    layout = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        ordering = ["template_id", F("number").desc()]
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_number_unique")]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"


class CertificateRule(models.Model):
    """Completing this course earns a certificate of this template, issued by this unit."""

    course = models.OneToOneField(
        "courses.Course", models.PROTECT, related_name="certificate_rule", verbose_name=_("course")
    )
    template = models.ForeignKey(
        CertificateTemplate, models.PROTECT, related_name="rules", verbose_name=_("certificate template")
    )
    issuing_unit = models.ForeignKey(
        "people.OrganisationUnit", models.PROTECT, related_name="+", verbose_name=_("issuing unit")
    )
    validity_months = models.PositiveSmallIntegerField(
        _("validity in months"), null=True, blank=True, help_text=_("Empty: does not expire.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("certificate rule")
        verbose_name_plural = _("certificate rules")

    def __str__(self) -> str:
        return f"{self.course_id} → {self.template_id}"
