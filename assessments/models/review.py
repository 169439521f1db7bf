"""Steps of a question through its review, kept as they happened."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import Question, QuestionVersion


class QuestionReview(models.Model):
    """A question went from one status to another: who, when, about which version, and why (triggers keep it)."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="reviews")
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="reviews")
    from_status = models.CharField(max_length=12, choices=Question.Status)
    to_status = models.CharField(max_length=12, choices=Question.Status)
    comment = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("review step")
        verbose_name_plural = _("review steps")
        ordering = ["question_id", "-at", "-pk"]
        indexes = [models.Index(fields=["question", "at"], name="question_review_steps")]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.from_status} → {self.to_status}"
