"""Publishing a quiz: its rules and matrix become a version that sittings stand on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.exceptions import InfeasibleMatrix
from assessments.models import Category, Question, Quiz, QuizVersion
from assessments.papers import (
    Blueprint,
    Contradiction,
    Draw,
    FixedQuestion,
    Policies,
    Review,
    Section,
    Shortage,
    find_contradictions,
    find_shortages,
)
from assessments.question_types import all_types
from common.digests import digest_of
from common.sweeps import nudge


def blueprint_of(quiz: Quiz) -> Blueprint:
    """The blueprint that the quiz as edited now would publish."""
    return Blueprint(
        kind=quiz.kind,  # type: ignore[arg-type]
        pass_percent=quiz.pass_percent,
        time_limit_seconds=quiz.time_limit_seconds,
        grace_seconds=quiz.grace_seconds,
        attempts_allowed=quiz.attempts_allowed,
        attempt_grade=quiz.attempt_grade,  # type: ignore[arg-type]
        shuffle_questions=quiz.shuffle_questions,
        shuffle_choices=quiz.shuffle_choices,
        feedback=quiz.feedback,  # type: ignore[arg-type]
        review=Review.model_validate(quiz.review) if quiz.feedback == Quiz.Feedback.BY_MOMENT else None,
        behaviour=quiz.behaviour,  # type: ignore[arg-type]
        wrong_penalty=quiz.wrong_penalty,
        avoid_seen_days=quiz.avoid_seen_days,
        exposure_percent=quiz.exposure_percent,
        balance_difficulty=quiz.balance_difficulty,
        release=quiz.release,  # type: ignore[arg-type]
        appeal_days=quiz.appeal_days,
        sections=tuple(
            Section(
                title=row.title,
                title_en=row.title_en,
                time_limit_seconds=row.time_limit_seconds,
                pass_percent=row.pass_percent,
                shuffle_questions=row.shuffle_questions,
            )
            for row in quiz.sections.all()
        ),
        fixed=tuple(
            FixedQuestion(
                question=row.question_id,
                mark=row.mark,
                section=row.section,
                requires_previous=row.requires_previous,
            )
            for row in quiz.fixed_questions.all()
        ),
        draws=tuple(
            Draw(
                bank=row.bank_id,
                category=row.category_id,
                label=row.category.name if row.category else row.bank.title,
                difficulty=row.difficulty,
                nature=row.nature,
                outcome=row.outcome,
                count=row.count,
                mark=row.mark,
                section=row.section,
            )
            for row in quiz.draws.select_related("category", "bank")
        ),
    )


def pool_of(draw: Draw, *, kind: str) -> QuerySet[Question]:
    """Questions that a row of the matrix may take: ready, asking something, not reserved for exams unless this is one."""
    pool = Question.objects.filter(bank_id=draw.bank, status=Question.Status.READY, current_version__isnull=False)
    pool = pool.exclude(current_version__type__in=[kind.name for kind in all_types() if not kind.is_answered])
    if draw.category is not None:
        branch = Category.objects.get(pk=draw.category)
        pool = pool.filter(category__path__startswith=branch.path)
    for field in ("difficulty", "nature", "outcome"):
        value = getattr(draw, field)
        if value:
            pool = pool.filter(**{field: value})
    if kind in {Quiz.Kind.CHECK, Quiz.Kind.PRACTICE}:
        pool = pool.filter(exam_only=False)
    return pool


def pools_of(blueprint: Blueprint) -> list[list[int]]:
    """Ids for each row of the matrix."""
    return [list(pool_of(draw, kind=blueprint.kind).values_list("pk", flat=True)) for draw in blueprint.draws]


def groups_of(blueprint: Blueprint, pools: Sequence[Sequence[int]]) -> dict[int, str]:
    """Question → its group of mutually exclusive questions, of groups with two or more that may meet in a paper."""
    wanted = {question for pool in pools for question in pool} | {row.question for row in blueprint.fixed}
    banks = Question.objects.filter(pk__in=[row.question for row in blueprint.fixed]).values("bank")
    rows = Question.objects.filter(Q(bank__in={draw.bank for draw in blueprint.draws}) | Q(bank__in=banks))
    named: dict[str, list[int]] = {}
    for pk, bank, word in rows.exclude(exclusive_group="").values_list("pk", "bank_id", "exclusive_group"):
        if pk in wanted:
            named.setdefault(f"{bank}:{' '.join(word.split()).casefold()}", []).append(pk)
    return {pk: name for name, questions in named.items() if len(questions) > 1 for pk in questions}


def matrix_shortages(quiz: Quiz) -> list[Shortage]:
    """Rows of the quiz as edited now that the bank cannot fill."""
    blueprint = blueprint_of(quiz)
    pools = pools_of(blueprint)
    return find_shortages(blueprint, pools, Policies(groups=groups_of(blueprint, pools)))


def shortage_sentence(blueprint: Blueprint, shortages: Sequence[Shortage]) -> str:
    """What is missing, row by row, in words."""
    return "; ".join(_row_sentence(blueprint, shortage) for shortage in shortages)


def named_shortages(quiz: Quiz) -> list[str]:
    """For each row of the quiz as edited now that the bank cannot fill: which row, and what is missing."""
    blueprint = blueprint_of(quiz)
    return [_row_sentence(blueprint, shortage) for shortage in matrix_shortages(quiz)]


def named_contradictions(blueprint: Blueprint) -> list[str]:
    """What no bank can mend, a sentence each: parts without questions, rows without their part, broken chains."""
    fixed = {row.pk: row for row in Question.objects.filter(pk__in=[row.question for row in blueprint.fixed])}
    types = dict(Question.objects.filter(pk__in=fixed).values_list("pk", "current_version__type"))
    unanswered = {kind.name for kind in all_types() if not kind.is_answered}
    texts = frozenset(pk for pk, name in types.items() if name in unanswered)
    policies = Policies(groups=groups_of(blueprint, []))
    found = [
        _contradiction_sentence(blueprint, fixed, problem)
        for problem in find_contradictions(blueprint, policies=policies, texts=texts)
    ]
    names = [_name_of(fixed[row.question]) for row in blueprint.fixed if types.get(row.question) is None]
    found += [_("Fixed question %(question)s has no content yet.") % {"question": name} for name in names]
    if blueprint.kind in {Quiz.Kind.CHECK, Quiz.Kind.PRACTICE}:
        reserved = [_name_of(fixed[row.question]) for row in blueprint.fixed if fixed[row.question].exam_only]
        sentence = _("Question %(question)s is reserved for exams: choose another one for this quiz.")
        found += [sentence % {"question": name} for name in reserved]
    return found


def _name_of(question: Question) -> str:
    return f"“{question.idnumber}”"


def _contradiction_sentence(blueprint: Blueprint, fixed: dict[int, Question], problem: Contradiction) -> str:
    if problem.kind == "empty_section":
        title = blueprint.sections[problem.row].title
        sentence = _("Part %(section)d (%(title)s) has no questions: give it a row or a fixed question, or remove it.")
        return sentence % {"section": problem.section, "title": title}
    if problem.of == "draws":
        label = _("row %(row)d") % {"row": problem.row + 1}
    else:
        label = _("fixed question %(question)s") % {"question": _name_of(fixed[blueprint.fixed[problem.row].question])}
    if problem.kind == "no_such_section":
        sentence = _("There is no part %(section)d, which %(row)s names: choose one of the parts, or add it.")
        return sentence % {"section": problem.section, "row": label}
    if problem.kind == "exclusive":
        other = _name_of(fixed[blueprint.fixed[problem.other].question])
        sentence = _("Fixed questions %(one)s and %(other)s exclude each other: keep one of them.")
        return sentence % {"one": other, "other": _name_of(fixed[blueprint.fixed[problem.row].question])}
    if problem.kind == "text_before":
        sentence = _("Before %(row)s is only a text to read, which nobody answers: let it follow a question.")
        return sentence % {"row": label}
    sentence = _("Nothing in its part is before %(row)s: it cannot wait for an answer there.")
    return sentence % {"row": label}


def _row_sentence(blueprint: Blueprint, shortage: Shortage) -> str:
    draw = blueprint.draws[shortage.row]
    narrowed = ", ".join(
        str(text)
        for text in (
            Question.Difficulty(draw.difficulty).label if draw.difficulty else "",
            Question.Nature(draw.nature).label if draw.nature else "",
            draw.outcome,
        )
        if text
    )
    facts = {
        "row": shortage.row + 1,
        "category": draw.label,
        "narrowed": f" – {narrowed}" if narrowed else "",
        "wanted": shortage.wanted,
        "available": shortage.available,
    }
    if shortage.by_exposure:
        limit = {**facts, "percent": f"{blueprint.exposure_percent:f}".rstrip("0").rstrip(".").replace(".", ",")}
        sentence = _(
            "row %(row)d (%(category)s%(narrowed)s): with each question in at most %(percent)s%% of the papers, "
            "%(wanted)d are needed, and there are %(available)d"
        )
        return sentence % limit
    return _("row %(row)d (%(category)s%(narrowed)s): wants %(wanted)d, has %(available)d") % facts


@transaction.atomic
def publish_quiz(*, quiz: Quiz, by: Any, at: datetime) -> QuizVersion:
    """Publish the quiz as edited; unchanged, the current version is given back.

    Raises InfeasibleMatrix when it has no question, when its parts or chains contradict themselves, or when the bank is
    short, naming each row and what is missing.
    """
    locked = Quiz.objects.select_for_update().get(pk=quiz.pk)
    blueprint = blueprint_of(locked)
    if blueprint.question_count == 0:
        raise InfeasibleMatrix(gettext_lazy("The quiz has no questions; add a question or a row to its matrix."))
    contradictions = named_contradictions(blueprint)
    if contradictions:
        raise InfeasibleMatrix(" ".join(contradictions))
    shortages = matrix_shortages(locked)
    if shortages:
        raise InfeasibleMatrix(
            _("The bank does not have enough questions: %(rows)s.") % {"rows": shortage_sentence(blueprint, shortages)}
        )
    stored = blueprint.model_dump(mode="json")
    digest = digest_of(stored)
    current = locked.current_version
    if current is not None and current.digest == digest:
        return current
    last = locked.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = QuizVersion.objects.create(
        quiz=locked, number=last + 1, blueprint=stored, digest=digest, published_at=at, published_by=by
    )
    locked.current_version, locked.draw_ahead_error = version, ""
    locked.save(update_fields=["current_version", "draw_ahead_error", "updated_at"])
    quiz.current_version, quiz.draw_ahead_error = version, ""
    if locked.draw_ahead:
        from assessments.tasks import draw_papers_ahead

        nudge(draw_papers_ahead, locked.pk)
    return version
