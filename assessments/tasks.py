"""Celery tasks of the assessments room."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from assessments import services
from assessments.models import PaperSet, QuestionExport, QuestionImport, QuizAnalysis, Regrade, Sitting
from assessments.services.access import settle_extra_time
from assessments.services.drawing_ahead import draw_ahead, quizzes_to_draw_ahead
from assessments.services.parallel import work_on_paper_set
from common.sweeps import sweep


@shared_task(bind=True)
def grade_sitting(self: Any, sitting_id: int) -> None:
    """Mark one sitting that is due."""
    services.grade_sitting(sitting_id=sitting_id, worker=self.request.hostname or "", at=timezone.now())


@shared_task
def sweep_sittings() -> None:
    """Give extra time that was missed, go on where a part is over, hand in what is overdue, and nudge marking."""
    settle_extra_time(at=timezone.now())
    services.leave_overdue_sections(at=timezone.now())
    services.submit_overdue(at=timezone.now())
    sweep(Sitting.objects.filter(state=Sitting.State.SUBMITTED).order_by("submitted_at"), grade_sitting)


@shared_task
def open_marking(sitting_id: int) -> None:
    """Put what people have to mark of one sitting into their queue."""
    services.open_marking(sitting=Sitting.objects.select_related("current_run").get(pk=sitting_id), at=timezone.now())


@shared_task
def close_marking(sitting_id: int) -> None:
    """Give one sitting its result when people have marked everything."""
    services.close_marking(sitting_id=sitting_id, at=timezone.now())


@shared_task
def sweep_marking() -> None:
    """Nudge sittings that are not in the markers' queue yet, and those whose answers are all marked."""
    sweep(services.sittings_to_open(), open_marking)
    sweep(services.sittings_to_close(), close_marking)


@shared_task(bind=True, soft_time_limit=1740, time_limit=1800)
def work_on_regrade(self: Any, regrade_id: int) -> None:
    """Report what a regrade would do, or apply it."""
    services.work_on_regrade(regrade_id=regrade_id, worker=self.request.hostname or "", at=timezone.now())


@shared_task
def sweep_regrades() -> None:
    """Nudge every regrade that is not reported or applied yet."""
    sweep(Regrade.objects.filter(state__in=Regrade.DUE).order_by("requested_at"), work_on_regrade)


@shared_task(soft_time_limit=1740, time_limit=1800)
def draw_paper_set(paper_set_id: int) -> None:
    """Draw the parallel papers of a set that is due."""
    work_on_paper_set(paper_set_id=paper_set_id, at=timezone.now())


@shared_task(soft_time_limit=1740, time_limit=1800)
def draw_papers_ahead(quiz_id: int) -> None:
    """Draw papers for the registered candidates of a quiz who have none."""
    draw_ahead(quiz_id=quiz_id, at=timezone.now())


@shared_task
def sweep_papers() -> None:
    """Nudge every set of papers that is due, and every quiz whose candidates have no paper yet."""
    sweep(PaperSet.objects.filter(state=PaperSet.State.DUE).order_by("requested_at"), draw_paper_set)
    sweep(quizzes_to_draw_ahead(at=timezone.now()).order_by("opens_at", "pk"), draw_papers_ahead)


@shared_task(soft_time_limit=1740, time_limit=1800)
def work_on_import(import_id: int) -> None:
    """Check one question file, or bring it in; large ones take longer than other tasks."""
    services.work_on_import(import_id=import_id, at=timezone.now())


@shared_task(soft_time_limit=1740, time_limit=1800)
def build_question_export(export_id: int) -> None:
    """Write one file of questions that is due."""
    services.build_question_export(export_id=export_id, at=timezone.now())


@shared_task
def sweep_question_files() -> None:
    """Nudge every question file that is not read, brought in or written yet; index questions that are due."""
    now = timezone.now()
    sweep(services.due_files(QuestionImport.objects.order_by("uploaded_at"), at=now), work_on_import)
    sweep(services.due_files(QuestionExport.objects.order_by("requested_at"), at=now), build_question_export)
    services.index_questions(most=500)


@shared_task(soft_time_limit=1740, time_limit=1800)
def analyse_quiz(analysis_id: int) -> None:
    """Bring the item analysis of one quiz up to date."""
    services.analyse_quiz(analysis_id=analysis_id, at=timezone.now())


@shared_task(soft_time_limit=540, time_limit=600)
def calibrate_quiz(analysis_id: int) -> None:
    """Calibrate the questions of one quiz."""
    services.calibrate_quiz(analysis_id=analysis_id, at=timezone.now())


@shared_task
def sweep_item_analysis() -> None:
    """Nudge every analysis and calibration that is due, and find sittings that no message told of."""
    now = timezone.now()
    services.find_unanalysed(at=now)
    sweep(QuizAnalysis.objects.filter(due_at__lte=now).order_by("due_at"), analyse_quiz)
    sweep(services.due_calibrations(at=now).order_by("pk"), calibrate_quiz)
