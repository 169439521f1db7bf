"""Questions and quizzes of a pack, in and out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from assessments.exceptions import InvalidQuestion
from assessments.models import Bank, Category, Question, Quiz, QuizDraw
from assessments.packs.facts import CategoryFile, DrawFacts, QuestionFacts, QuizFacts, QuizFile, split_path
from assessments.packs.pictures import PackPictures, as_packs_name, named_in_fields, with_files
from assessments.question_types import get_type
from assessments.services.bank import (
    add_version,
    checked_body,
    create_bank,
    create_question,
    ensure_category,
    update_question,
)
from assessments.services.quiz_files import save_quiz
from assessments.services.review import set_status
from common.messages import filled
from courses.models import Activity, Course
from courses.services import PackProblem, PackSource, dump_yaml, explain, retire_activities, sync_activity

LAST_POSITION = 30_000


@dataclass
class Checked:
    """What the files of one pack say, validated."""

    files: list[tuple[str, CategoryFile]] = field(default_factory=list)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    quizzes: list[QuizFacts] = field(default_factory=list)
    pictures: list[PackPictures] = field(default_factory=list)


class QuestionsPart:
    """`questions/*.yaml` and `quizzes.yaml` (courses.packs.parts.PackPart)."""

    name = "questions"

    def check(self, pack: PackSource) -> list[PackProblem]:
        """Everything wrong with the questions and quizzes of the pack."""
        return self._read(pack)[1]

    def apply(self, *, course: Course, pack: PackSource, by: Any, at: datetime) -> None:
        """Bring them in: unchanged questions keep their version, questions that are gone are retired."""
        checked, problems = self._read(pack)
        assert not problems
        if not checked.files and not checked.quizzes:
            return
        bank = create_bank(slug=course.slug, title=course.title, by=by)
        for pictures in checked.pictures:
            pictures.keep()
        existing = {question.idnumber: question for question in bank.questions.select_related("current_version")}
        seen = set()
        for _path, file in checked.files:
            category = ensure_category(bank=bank, path=file.path)
            for facts in file.questions:
                body = checked.bodies[facts.id]
                _save_question(bank, category, facts, body, existing.get(facts.id), by=by, at=at)
                seen.add(facts.id)
        for idnumber, question in existing.items():
            if idnumber not in seen and question.status != Question.Status.RETIRED:
                set_status(question=question, status=Question.Status.RETIRED, by=by, at=at)
        self._save_quizzes(course, pack, bank, checked.quizzes, by=by, at=at)

    def write(self, *, course: Course, facts: dict[str, Any], target: Path) -> None:
        """Write questions/*.yaml and quizzes.yaml of the course's bank into `target`."""
        bank = Bank.objects.filter(slug=course.slug).first()
        if bank is None:
            return
        root = Category.objects.get(bank=bank, depth=1)
        number = 0
        for category in root.get_descendants():
            questions = list(
                category.questions.exclude(status=Question.Status.RETIRED)
                .select_related("current_version")
                .prefetch_related("tags")
                .order_by("pk")
            )
            if not questions:
                continue
            number += 1
            data = {
                "category": category_path(category),
                "questions": [question_source(row, target) for row in questions],
            }
            dump_yaml(data, target / "questions" / f"{number:02d}.yaml")
        quizzes = [
            quiz_source(quiz, bank)
            for quiz in Quiz.objects.filter(bank=bank, activity__retired_at__isnull=True)
            .select_related("activity")
            .order_by("activity__position", "pk")
        ]
        if quizzes:
            dump_yaml({"quizzes": quizzes}, target / "quizzes.yaml")

    # Reading

    def _read(self, pack: PackSource) -> tuple[Checked, list[PackProblem]]:
        before = len(pack.problems)
        checked = Checked()
        self._read_questions(pack, checked)
        self._read_quizzes(pack, checked)
        problems, pack.problems[before:] = pack.problems[before:], []
        return checked, problems

    def _read_questions(self, pack: PackSource, checked: Checked) -> None:
        where: dict[str, str] = {}
        outcomes = {row.get("code") for row in pack.facts.get("outcomes") or [] if isinstance(row, dict)}
        for path in pack.files("questions", ".yaml"):
            data = pack.read_yaml(path)
            if data is None:
                continue
            try:
                file = CategoryFile.model_validate(data)
            except ValidationError as problem:
                for line in explain(problem):
                    pack.report(path, 0, line)
                continue
            pictures = PackPictures(pack.media(source=path))
            checked.pictures.append(pictures)
            for facts in file.questions:
                if facts.id in where:
                    pack.report(
                        path,
                        0,
                        filled(_("%(id)s: the same id is in %(other)s."), {"id": facts.id, "other": where[facts.id]}),
                    )
                    continue
                where[facts.id] = path
                if facts.outcome and outcomes and facts.outcome not in outcomes:
                    pack.report(
                        path,
                        0,
                        filled(
                            _("%(id)s: outcome “%(code)s” is not in pack.yaml."),
                            {"id": facts.id, "code": facts.outcome},
                        ),
                    )
                try:
                    checked.bodies[facts.id] = stored_body(facts, pictures)
                except InvalidQuestion as problem:
                    pack.report(path, 0, f"{facts.id}: {problem}")
            checked.files.append((path, file))

    def _read_quizzes(self, pack: PackSource, checked: Checked) -> None:
        data = pack.read_yaml("quizzes.yaml", optional=True)
        quizzes: list[QuizFacts] = []
        if data is not None:
            try:
                quizzes = QuizFile.model_validate(data).quizzes
            except ValidationError as problem:
                for line in explain(problem):
                    pack.report("quizzes.yaml", 0, line)
                return
        slugs = {quiz.slug: quiz for quiz in quizzes}
        if len(slugs) != len(quizzes):
            pack.report("quizzes.yaml", 0, _("Two quizzes have the same slug."))
        for lesson in pack.lessons:
            check = lesson.facts.get("check")
            if check and (check not in slugs or slugs[check].kind != "check"):
                pack.report(
                    lesson.path,
                    1,
                    filled(_("check: there is no check “%(slug)s” in quizzes.yaml."), {"slug": check}),
                )
        completion = pack.facts.get("completion")
        test = completion.get("test") if isinstance(completion, dict) else None
        if test and (test not in slugs or slugs[test].kind not in {"test", "exam"}):
            pack.report(
                "pack.yaml",
                0,
                filled(_("completion.test: there is no test “%(slug)s” in quizzes.yaml."), {"slug": test}),
            )
        for quiz in quizzes:
            self._check_quiz(pack, quiz, checked)
        checked.quizzes = quizzes

    def _check_quiz(self, pack: PackSource, quiz: QuizFacts, checked: Checked) -> None:
        rows = [(file.path, facts) for _path, file in checked.files for facts in file.questions]
        ids = {facts.id for _path, facts in rows}
        for idnumber in quiz.fixed:
            if idnumber not in ids:
                pack.report(
                    "quizzes.yaml",
                    0,
                    filled(_("%(quiz)s: there is no question %(id)s."), {"quiz": quiz.slug, "id": idnumber}),
                )
        if not quiz.draw and not quiz.fixed:
            pack.report("quizzes.yaml", 0, filled(_("%(quiz)s: no questions."), {"quiz": quiz.slug}))
        for number, draw in enumerate(quiz.draw, start=1):
            available = sum(1 for path, facts in rows if _fits(draw, path, facts))
            if available < draw.count:
                pack.report(
                    "quizzes.yaml",
                    0,
                    filled(
                        _("%(quiz)s, row %(row)d: wants %(wanted)d questions, the pack has %(available)d."),
                        {"quiz": quiz.slug, "row": number, "wanted": draw.count, "available": available},
                    ),
                )

    # Saving

    def _save_quizzes(
        self, course: Course, pack: PackSource, bank: Bank, quizzes: list[QuizFacts], *, by: Any, at: datetime
    ) -> None:
        lessons = {activity.key: activity for activity in course.activities.filter(kind=Activity.Kind.LESSON)}
        lesson_of = {
            lesson.facts.get("check"): lessons[lesson.slug] for lesson in pack.lessons if lesson.facts.get("check")
        }
        test_slug = (pack.facts.get("completion") or {}).get("test")
        kept: dict[str, list[str]] = {Activity.Kind.CHECK: [], Activity.Kind.TEST: []}
        for number, facts in enumerate(quizzes):
            activity = None
            if facts.slug in lesson_of:
                lesson = lesson_of[facts.slug]
                activity = sync_activity(
                    course=course,
                    kind=Activity.Kind.CHECK,
                    key=facts.slug,
                    title=facts.title,
                    position=lesson.position + 1,
                    lesson=lesson,
                )
            elif facts.kind in {"test", "exam", "practice"}:
                activity = sync_activity(
                    course=course,
                    kind=Activity.Kind.TEST,
                    key=facts.slug,
                    title=facts.title,
                    position=LAST_POSITION + number,
                    required=facts.slug == test_slug,
                )
            if activity is not None:
                kept[activity.kind].append(activity.key)
            save_quiz(f"{course.slug}-{facts.slug}"[:150], facts, bank=bank, activity=activity, by=by, at=at)
        for kind, keys in kept.items():
            retire_activities(course=course, kind=kind, keep=keys, at=at)


def stored_body(facts: QuestionFacts, pictures: PackPictures) -> dict[str, Any]:
    """The body of a question as it will be stored. Raises InvalidQuestion."""
    try:
        question_type = get_type(facts.type)
    except KeyError:
        raise InvalidQuestion(filled(_("“%(type)s” is not a question type."), {"type": facts.type})) from None
    try:
        model = question_type.from_source(named_in_fields(facts.body))
    except ValidationError as problem:
        raise InvalidQuestion("; ".join(explain(problem))) from None
    except (ValueError, TypeError, KeyError) as problem:
        raise InvalidQuestion(str(problem)) from None
    return checked_body(facts.type, pictures.addressed(model.model_dump(mode="json")))


def _save_question(
    bank: Bank,
    category: Category,
    facts: QuestionFacts,
    body: dict[str, Any],
    question: Question | None,
    *,
    by: Any,
    at: datetime,
) -> None:
    name = facts.name or facts.id
    if question is None:
        create_question(
            bank=bank,
            category=category,
            idnumber=facts.id,
            name=name,
            type=facts.type,
            body=body,
            difficulty=facts.difficulty,
            nature=facts.nature,
            outcome=facts.outcome,
            tags=facts.tags,
            exam_only=facts.exam_only,
            status=Question.Status.READY,
            by=by,
            at=at,
        )
        return
    update_question(
        question=question,
        by=by,
        tags=facts.tags,
        category=category,
        name=name,
        difficulty=facts.difficulty,
        nature=facts.nature,
        outcome=facts.outcome,
        exam_only=facts.exam_only,
        status=Question.Status.READY,
    )
    add_version(question=question, type=facts.type, body=body, by=by, at=at)


def _fits(draw: DrawFacts, path: list[str], facts: QuestionFacts) -> bool:
    wanted = split_path(draw.category) if draw.category else []
    return (
        path[: len(wanted)] == wanted
        and draw.difficulty in {"", facts.difficulty}
        and draw.nature in {"", facts.nature}
        and draw.outcome in {"", facts.outcome}
    )


def category_path(category: Category) -> str:
    """`A / B`, the bank's root left out."""
    names = [row.name for row in category.get_ancestors() if row.depth > 1]
    return " / ".join([*names, category.name])


def question_source(question: Question, target: Path) -> dict[str, Any]:
    """A question as packs write it; its pictures are written below `target`."""
    version = question.current_version
    assert version is not None
    question_type = get_type(version.type)
    source: dict[str, Any] = {
        "id": question.idnumber,
        "type": version.type,
        "name": question.name,
        "difficulty": question.difficulty,
        "nature": question.nature,
    }
    if question.outcome:
        source["outcome"] = question.outcome
    tags = sorted(question.tags.names())
    if tags:
        source["tags"] = tags
    if question.exam_only:
        source["exam_only"] = True
    body = question_type.Body.model_validate(with_files(version.body, target))
    source["body"] = as_packs_name(question_type.to_source(body))
    return source


def quiz_source(quiz: Quiz, bank: Bank) -> dict[str, Any]:
    """A quiz as packs write it."""
    seconds = quiz.time_limit_seconds
    minutes = None if seconds is None else (seconds // 60 if seconds % 60 == 0 else seconds / 60)
    source: dict[str, Any] = {
        "slug": quiz.activity.key if quiz.activity else quiz.slug,
        "kind": quiz.kind,
        "title": quiz.title,
        "pass_percent": _plain(quiz.pass_percent),
        "time_limit_minutes": minutes,
        "attempts": quiz.attempts_allowed,
        "attempt_grade": quiz.attempt_grade,
        "shuffle_questions": quiz.shuffle_questions,
        "shuffle_choices": quiz.shuffle_choices,
        "feedback": quiz.feedback,
        "draw": [_draw_source(row, bank) for row in quiz.draws.select_related("bank", "category")],
        "fixed": list(quiz.fixed_questions.values_list("question__idnumber", flat=True)),
    }
    if quiz.title_en:
        source["title_en"] = quiz.title_en
    return source


def _draw_source(row: QuizDraw, bank: Bank) -> dict[str, Any]:
    source: dict[str, Any] = {}
    if row.bank_id != bank.pk:
        source["bank"] = row.bank.slug
    if row.category is not None and row.category.depth > 1:
        source["category"] = category_path(row.category)
    for name in ("difficulty", "nature", "outcome"):
        if getattr(row, name):
            source[name] = getattr(row, name)
    return {**source, "count": row.count, "mark": _plain(row.mark)}


def _plain(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
