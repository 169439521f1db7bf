"""The quiz: what authors edit, and the published versions that sittings stand on."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from assessments.models.bank import Bank, Category, Question
from assessments.papers.terms import read_networks


class Quiz(ClusterableModel):
    """A check, practice, test or exam: fixed questions, then "n from a category at a difficulty".

    Marks, times and rules here take effect when they are published as a `QuizVersion`.
    """

    class Kind(models.TextChoices):
        CHECK = "check", _("Check at the end of a lesson")
        PRACTICE = "practice", _("Practice")
        TEST = "test", _("Test")
        EXAM = "exam", _("Exam")

    class Feedback(models.TextChoices):
        NEVER = "never", _("Never")
        AFTER_SUBMIT = "after_submit", _("As soon as the paper is handed in")
        AFTER_PASS = "after_pass", _("After passing, or when no attempt is left")
        AFTER_CLOSE = "after_close", _("After the quiz has closed")
        BY_MOMENT = "by_moment", _("By moment, as the table below says")

    class Behaviour(models.TextChoices):
        DEFERRED = "deferred", _("Marked after handing in")
        IMMEDIATE = "immediate", _("Each question marked as soon as it is checked")
        INTERACTIVE = "interactive", _("Several tries with hints")
        ADAPTIVE = "adaptive", _("Several tries, each wrong one costs something")
        ADAPTIVE_NO_PENALTY = "adaptive_no_penalty", _("Several tries that cost nothing")
        DEFERRED_CERTAINTY = "deferred_certainty", _("Marked after handing in, by how sure one was")
        IMMEDIATE_CERTAINTY = "immediate_certainty", _("Marked when checked, by how sure one was")

    class Release(models.TextChoices):
        AUTOMATIC = "automatic", _("As soon as they are there")
        BY_DECISION = "by_decision", _("When the exam officer decides so")

    class AttemptGrade(models.TextChoices):
        BEST = "best", _("Best attempt")
        LAST = "last", _("Last attempt")
        FIRST = "first", _("First attempt")
        MEAN = "mean", _("Mean of all attempts")

    slug = models.SlugField(_("slug"), max_length=150, unique=True)
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEST)
    activity = models.OneToOneField(
        "courses.Activity",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="quiz",
        verbose_name=_("course activity"),
        help_text=_("The check or test of a course that this quiz decides; empty for a quiz of its own."),
    )
    bank = models.ForeignKey(
        Bank, models.PROTECT, null=True, blank=True, related_name="quizzes", verbose_name=_("bank")
    )
    pass_percent = models.DecimalField(_("pass mark in percent"), max_digits=5, decimal_places=2, default=70)
    time_limit_seconds = models.PositiveIntegerField(_("time limit in seconds"), null=True, blank=True)
    grace_seconds = models.PositiveIntegerField(
        _("grace in seconds"), default=30, help_text=_("For answers on their way when the time is over.")
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    attempt_grade = models.CharField(
        _("grade of attempts"), max_length=5, choices=AttemptGrade, default=AttemptGrade.BEST
    )
    shuffle_questions = models.BooleanField(_("shuffle questions"), default=True)
    shuffle_choices = models.BooleanField(_("shuffle choices"), default=True)
    feedback = models.CharField(_("feedback"), max_length=12, choices=Feedback, default=Feedback.AFTER_SUBMIT)
    review = models.JSONField(
        _("what is shown when"), default=dict, blank=True, help_text=_("See Review in assessments/papers/blueprint.py.")
    )
    behaviour = models.CharField(_("behaviour"), max_length=20, choices=Behaviour, default=Behaviour.DEFERRED)
    wrong_penalty = models.DecimalField(
        _("a wrong answer costs, as a part of its mark"),
        max_digits=5,
        decimal_places=4,
        default=0,
        help_text=_("From 0 (nothing) to 1 (the whole mark); an unanswered question costs nothing."),
    )
    avoid_seen_days = models.PositiveSmallIntegerField(
        _("avoid what was seen in the last … days"),
        null=True,
        blank=True,
        help_text=_("Questions that the candidate has had in that time are drawn only when nothing else is left."),
    )
    exposure_percent = models.DecimalField(
        _("most papers with one question, in percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
    )
    balance_difficulty = models.BooleanField(
        _("balance difficulty"), default=False, help_text=_("Papers are drawn to be about equally difficult.")
    )
    release = models.CharField(_("results are shown"), max_length=12, choices=Release, default=Release.AUTOMATIC)
    released_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Since when candidates see their results, by decision.")
    )
    appeal_days = models.PositiveSmallIntegerField(
        _("days to contest a question"), null=True, blank=True, help_text=_("Empty: questions cannot be contested.")
    )
    markers_per_answer = models.PositiveSmallIntegerField(
        _("markers for each answer"), default=1, help_text=_("1, or 2 who do not see each other's marks.")
    )
    marking_tolerance_percent = models.DecimalField(
        _("difference between markers that is accepted, in percent"),
        max_digits=5,
        decimal_places=2,
        default=10,
        help_text=_("Within it the mean counts; beyond it a third marker decides."),
    )
    anonymous_marking = models.BooleanField(
        _("markers do not see who answered"), default=True, help_text=_("They see a marking number only.")
    )
    registered_only = models.BooleanField(
        _("only registered candidates"), default=False, help_text=_("Off: whoever may open the quiz.")
    )
    password = models.CharField(
        _("password"), max_length=60, blank=True, help_text=_("Read out in the room; empty: none.")
    )
    ip_ranges = models.TextField(
        _("addresses of the rooms"), blank=True, help_text=_("One network a line, as 10.1.2.0/24; empty: anywhere.")
    )
    draw_ahead = models.BooleanField(
        _("draw papers before opening"),
        default=False,
        help_text=_("A paper waits for each registered candidate, so that starting takes no time."),
    )
    draw_ahead_error = models.CharField(max_length=500, blank=True, editable=False)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    current_version = models.ForeignKey(
        "assessments.QuizVersion", models.PROTECT, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_percent__gte=0, pass_percent__lte=100), name="quiz_pass_percent_in_range"
            ),
            models.CheckConstraint(
                condition=Q(time_limit_seconds__isnull=True) | Q(time_limit_seconds__gte=30),
                name="quiz_time_limit_half_minute_or_more",
            ),
            models.CheckConstraint(
                condition=Q(attempts_allowed__isnull=True) | Q(attempts_allowed__gte=1),
                name="quiz_attempts_one_or_more",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="quiz_closes_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(wrong_penalty__gte=0, wrong_penalty__lte=1), name="quiz_wrong_penalty_is_a_part"
            ),
            models.CheckConstraint(
                condition=Q(exposure_percent__isnull=True) | Q(exposure_percent__gt=0, exposure_percent__lte=100),
                name="quiz_exposure_in_range",
            ),
            models.CheckConstraint(
                condition=Q(markers_per_answer__gte=1, markers_per_answer__lte=2), name="quiz_one_or_two_markers"
            ),
            models.CheckConstraint(
                condition=Q(marking_tolerance_percent__gte=0, marking_tolerance_percent__lte=100),
                name="quiz_marking_tolerance_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Every line of the addresses is a network, so that no candidate stands before a paper that cannot open."""
        super().clean()
        try:
            read_networks(self.ip_ranges)
        except ValueError:
            message = _("Write one network a line, as 10.1.2.0/24 or 10.1.2.15.")
            raise ValidationError({"ip_ranges": message}) from None


class QuizSection(models.Model):
    """A part of the quiz with a title, rules and perhaps a time of its own; rows name it by its number from 1."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="sections")
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    time_limit_seconds = models.PositiveIntegerField(
        _("time limit in seconds"),
        null=True,
        blank=True,
        help_text=_("With it, parts are sat one after the other, and a finished one is closed."),
    )
    pass_percent = models.DecimalField(_("pass mark in percent"), max_digits=5, decimal_places=2, null=True, blank=True)
    shuffle_questions = models.BooleanField(_("shuffle questions"), default=True)

    class Meta:
        ordering = ["sort_order"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_percent__isnull=True) | Q(pass_percent__gte=0, pass_percent__lte=100),
                name="quiz_section_pass_percent_in_range",
            ),
            models.CheckConstraint(
                condition=Q(time_limit_seconds__isnull=True) | Q(time_limit_seconds__gte=30),
                name="quiz_section_time_limit_half_minute_or_more",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class QuizQuestion(models.Model):
    """A question that every paper of the quiz has."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="fixed_questions")
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="quiz_questions", verbose_name=_("question"))
    mark = models.DecimalField(_("mark"), max_digits=6, decimal_places=2, default=1)
    section = models.PositiveSmallIntegerField(_("part"), default=1, help_text=_("Its number from 1."))
    requires_previous = models.BooleanField(
        _("opens when the one before is answered"),
        default=False,
        help_text=_("It stays behind that one when shuffled."),
    )

    class Meta:
        ordering = ["sort_order"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "question"], name="quiz_question_once"),
            models.CheckConstraint(condition=Q(mark__gt=0), name="quiz_question_mark_positive"),
            models.CheckConstraint(condition=Q(section__gte=1), name="quiz_question_section_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id}: {self.question_id}"


class QuizDraw(models.Model):
    """A row of the matrix (ma trận đề): n questions from a category, by difficulty, nature and outcome."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="draws")
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="+", verbose_name=_("bank"))
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="draws",
        verbose_name=_("category"),
        help_text=_("With everything below it; empty: the whole bank."),
    )
    difficulty = models.CharField(_("difficulty"), max_length=12, choices=Question.Difficulty, blank=True)
    nature = models.CharField(_("nature"), max_length=12, choices=Question.Nature, blank=True)
    outcome = models.CharField(_("learning outcome"), max_length=40, blank=True)
    count = models.PositiveSmallIntegerField(_("how many"), default=1)
    mark = models.DecimalField(_("mark for each"), max_digits=6, decimal_places=2, default=1)
    section = models.PositiveSmallIntegerField(_("part"), default=1, help_text=_("Its number from 1."))

    class Meta:
        ordering = ["sort_order"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1), name="quiz_draw_count_positive"),
            models.CheckConstraint(condition=Q(mark__gt=0), name="quiz_draw_mark_positive"),
            models.CheckConstraint(condition=Q(section__gte=1), name="quiz_draw_section_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id}: {self.count} × {self.category_id}"


class QuizVersion(models.Model):
    """A quiz as it was published: rules and matrix as JSON, never changed (triggers refuse it)."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    blueprint = models.JSONField(help_text=_("Rules, fixed questions and draws; see assessments/papers/blueprint.py."))
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("quiz version")
        verbose_name_plural = _("quiz versions")
        ordering = ["quiz_id", F("number").desc()]
        constraints = [models.UniqueConstraint(fields=["quiz", "number"], name="quiz_version_number_unique")]

    def __str__(self) -> str:
        return f"{self.quiz_id} v{self.number}"
