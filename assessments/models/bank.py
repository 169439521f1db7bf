"""The question bank: categories, questions, and their versions that never change."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from treebeard.mp_tree import MP_Node


class Bank(models.Model):
    """A collection of questions that one unit owns."""

    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=200)
    unit = models.ForeignKey(
        "people.OrganisationUnit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="banks",
        verbose_name=_("owning unit"),
        help_text=_("Empty: the whole province."),
    )
    self_approval = models.BooleanField(
        _("authors may approve their own questions"),
        default=False,
        help_text=_("Off: somebody else must look at each version before it is ready."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("question bank")
        verbose_name_plural = _("question banks")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class Category(MP_Node):
    """A branch of a bank; the root of each bank is made with it and carries its title."""

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="categories")
    name = models.CharField(_("name"), max_length=200)
    node_order_by: list[str] = []

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """A question through all its versions: what it is for, and which version is current."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        READY = "ready", _("Ready")
        RETIRED = "retired", _("Retired")

    class Difficulty(models.TextChoices):
        BASIC = "basic", _("Basic")
        INTERMEDIATE = "intermediate", _("Intermediate")
        ADVANCED = "advanced", _("Advanced")

    class Nature(models.TextChoices):
        KNOWLEDGE = "knowledge", _("Knowledge")
        SITUATION = "situation", _("Situation")

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="questions", verbose_name=_("bank"))
    category = models.ForeignKey(Category, models.PROTECT, related_name="questions", verbose_name=_("category"))
    idnumber = models.CharField(_("identifier"), max_length=100, help_text=_("Unique in the bank, never reused."))
    name = models.CharField(_("name"), max_length=255)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    difficulty = models.CharField(_("difficulty"), max_length=12, choices=Difficulty, default=Difficulty.BASIC)
    nature = models.CharField(_("nature"), max_length=12, choices=Nature, default=Nature.KNOWLEDGE)
    outcome = models.CharField(_("learning outcome"), max_length=40, blank=True)
    exam_only = models.BooleanField(_("reserved for exams"), default=False)
    exclusive_group = models.CharField(
        _("excludes each other"),
        max_length=60,
        blank=True,
        help_text=_(
            "Of the questions of a bank with the same word here, a paper has at most one: one gives away another."
        ),
    )
    competences = models.ManyToManyField(
        "courses.Competence", related_name="questions", blank=True, verbose_name=_("competences")
    )
    tags = TaggableManager(blank=True)
    current_version = models.ForeignKey(
        "assessments.QuestionVersion", models.PROTECT, null=True, related_name="+", editable=False
    )
    search_text = models.TextField(blank=True, editable=False)
    text_key = models.CharField(
        max_length=64, blank=True, editable=False, help_text=_("Equal for questions that say the same; empty: due.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["bank_id", "category_id", "idnumber"]
        constraints = [
            models.UniqueConstraint(fields=["bank", "idnumber"], name="question_idnumber_unique"),
            models.CheckConstraint(condition=~Q(idnumber=""), name="question_has_idnumber"),
        ]
        indexes = [
            models.Index(fields=["category", "status", "difficulty", "nature"], name="question_draw"),
            models.Index(fields=["bank", "status"], name="question_bank_status"),
            models.Index(fields=["bank", "text_key"], name="question_same_text"),
            models.Index(fields=["id"], condition=Q(text_key=""), name="question_text_due"),
        ]

    def __str__(self) -> str:
        return f"{self.idnumber} {self.name}"


class QuestionVersion(models.Model):
    """What was asked: type and body as they were, for ever (triggers refuse update and delete)."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    body = models.JSONField()
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of type and body in canonical JSON."))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("question version")
        verbose_name_plural = _("question versions")
        ordering = ["question_id", F("number").desc()]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="question_version_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="question_version_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"
