"""Pages of a sitting: the rules, the paper, handing in, the result."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments import permissions, queries, services
from assessments.answer_file_views import page_config
from assessments.exceptions import ResponseRefused, SittingRefused
from assessments.forms import form_events
from assessments.models import Quiz, Sitting
from assessments.papers import Blueprint
from assessments.papers.review import SCORE_ONLY
from assessments.papers.terms import Terms
from assessments.services.access import limit_of, refusal_of_place, terms_for
from assessments.services.responses import deadline_of, is_over, is_section_over
from assessments.services.sheets import sheet_for, sheet_of
from assessments.services.sitting import refusal_to_start
from assessments.supervision_api import pulse_url
from courses.queries import active_enrolment
from people.permissions import signed_in

MOST_ATTEMPTS_SHOWN = 20


def _enrolment(request: HttpRequest, quiz: Quiz) -> Any:
    return active_enrolment(request.user, quiz.activity.course) if quiz.activity is not None else None


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def quiz_start(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules in plain words, and the button that starts; an open sitting goes on where it was."""
    quiz = get_object_or_404(Quiz.objects.select_related("current_version", "activity__course"), slug=slug)
    enrolment = _enrolment(request, quiz)
    now = timezone.now()
    if request.method == "POST":
        try:
            sitting = services.start_sitting(
                person=signed_in(request),
                quiz=quiz,
                enrolment=enrolment,
                at=now,
                password=request.POST.get("password", ""),
                address=request.META.get("REMOTE_ADDR", ""),
            )
        except SittingRefused as problem:
            messages.error(request, str(problem))
            return redirect("assessments:quiz_start", slug=slug)
        sheet_of(sitting)  # the page that follows needs it
        return redirect("assessments:sitting", public_id=sitting.public_id)
    attempts = list(queries.attempts_of(request.user, quiz, enrolment=enrolment))
    running = next((row for row in attempts if row.state == Sitting.State.OPEN and not is_over(row, at=now)), None)
    terms = terms_for(person=signed_in(request), quiz=quiz, at=now)
    refusal: SittingRefused | None = _misplaced(request, quiz, terms)
    if running is None and refusal is None:
        refusal = refusal_to_start(person=signed_in(request), quiz=quiz, at=now, enrolment=enrolment, terms=terms)
    blueprint = Blueprint.model_validate(quiz.current_version.blueprint) if quiz.current_version else None
    limit = limit_of(quiz.current_version.blueprint) if quiz.current_version else None
    left = None
    if terms.attempts_allowed is not None:
        left = max(terms.attempts_allowed - len(attempts), 0)
    context = {
        "quiz": quiz,
        "blueprint": blueprint,
        "attempts": [row for row in attempts if row.state != Sitting.State.OPEN][:MOST_ATTEMPTS_SHOWN],
        "running": running,
        "refusal": refusal,
        "left": left,
        "own_seconds": terms.time_for(limit) if limit else None,
        "has_more_time": terms.extra_seconds(limit) > 0,
        "needs_password": running is None and bool(terms.passwords),
        "course": quiz.activity.course if quiz.activity else None,
    }
    return render(request, "assessments/quiz_start.html", context)


def _misplaced(request: HttpRequest, quiz: Quiz, terms: Terms) -> SittingRefused | None:
    return refusal_of_place(quiz=quiz, terms=terms, address=request.META.get("REMOTE_ADDR", ""))


def _own(request: HttpRequest, public_id: UUID) -> Sitting:
    return get_object_or_404(
        permissions.sittings_of(request.user).select_related(
            "paper", "quiz__activity__course", "quiz__current_version", "quiz_version"
        ),
        public_id=public_id,
    )


def _own_open(request: HttpRequest, public_id: UUID) -> Sitting:
    """My sitting without its paper and rules, which never change and are kept by the process (sheets)."""
    sheet = sheet_for(public_id)
    if sheet is None or sheet.person_id != request.user.pk:
        raise Http404
    return Sitting.objects.select_related("quiz").get(pk=sheet.pk)


@login_required
@never_cache
@require_GET
def sitting(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole paper as one form."""
    row = _own_open(request, public_id)
    now = timezone.now()
    if row.state == Sitting.State.OPEN and is_over(row, at=now):
        services.submit_sitting(sitting=row, by=None, at=now, submitted_by=Sitting.SubmittedBy.DEADLINE)
        return redirect("assessments:result", public_id=public_id)
    if row.state != Sitting.State.OPEN:
        return redirect("assessments:result", public_id=public_id)
    if row.quiz.ip_ranges and _misplaced(
        request, row.quiz, terms_for(person=signed_in(request), quiz=row.quiz, at=now)
    ):
        return redirect("assessments:quiz_start", slug=row.quiz.slug)
    if row.section_deadline_at is not None and is_section_over(row, at=now):
        services.leave_sections_that_are_over(sitting=row, at=now)
        row = _own_open(request, public_id)
    sheet, slots = sheet_of(row), queries.paper_slots(row)
    total = sum(1 for slot in slots if slot.number is not None)
    deadline = deadline_of(row)
    config = {
        "sitting": str(row.public_id),
        "responses_url": reverse("api:record_responses", kwargs={"public_id": row.public_id}),
        "notices_url": reverse("api:sitting_notices", kwargs={"public_id": row.public_id}),
        "pulse_url": pulse_url(row),
        "notices": row.notice_count,
        "paused": row.paused_at is not None,
        "result_url": reverse("assessments:result", kwargs={"public_id": row.public_id}),
        "last_seq": row.last_seq,
        "server_time": now.isoformat(),
        "time_zone": timezone.get_current_timezone_name(),
        "deadline": deadline.isoformat() if deadline else None,
        "slots": [
            {"slot": slot.slot, "number": slot.number}
            for slot in slots
            if slot.number is not None and slot.locked_by is None
        ],
        **page_config(row),
    }
    context = {
        "sitting": row,
        "slots": slots,
        "answered": sum(1 for slot in slots if slot.answered),
        "total": total,
        "questions": [slot.question(len(sheet.numbers)) for slot in slots],
        "deadline": deadline,
        "part": queries.part_title(sheet.sections[row.section - 1]) if sheet.is_sequential else None,
        "next_part": row.section + 1 if sheet.is_sequential and row.section < len(sheet.sections) else None,
        "config": config,
        "login_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    return render(request, "assessments/sitting.html", context)


@login_required
@require_POST
def sitting_submit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep what was changed in the form and hand the paper in; needs no JavaScript.

    With `save` it is only kept, with `check` that question is marked, with `section` the candidate goes on to that part.
    """
    row = _own(request, public_id)
    now = timezone.now()
    if row.state == Sitting.State.OPEN and not is_over(row, at=now):
        is_saving = bool({"save", "check", "section"} & set(request.POST))
        try:
            with transaction.atomic():
                services.record_responses(sitting=row, events=form_events(request.POST, row), at=now)
                if (part := request.POST.get("section", "")).isdigit() and len(part) < 6:
                    services.go_to_section(sitting=row, section=int(part), at=now)
                elif not is_saving:
                    services.submit_sitting(sitting=row, by=signed_in(request), at=now)
        except ResponseRefused as problem:
            messages.error(request, str(problem))
            return redirect("assessments:sitting", public_id=public_id)
        if is_saving:
            if "save" in request.POST:
                messages.success(request, _("Saved. Look through your answers, then hand in."))
            elif (checked := request.POST.get("check", "")).isdigit():
                return redirect(f"{reverse('assessments:sitting', args=[public_id])}#q{checked}")
            return redirect("assessments:sitting", public_id=public_id)
    elif row.state == Sitting.State.OPEN:
        services.submit_sitting(sitting=row, by=None, at=now, submitted_by=Sitting.SubmittedBy.DEADLINE)
        messages.info(request, _("The time was over; what had been saved was handed in."))
    return redirect("assessments:result", public_id=public_id)


@login_required
@never_cache
@require_GET
def result(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Passed or not in one line, what next, by topic, then each question with its explanation."""
    row = _own(request, public_id)
    if row.state == Sitting.State.OPEN:
        return redirect("assessments:sitting", public_id=public_id)
    now = timezone.now()
    shown = permissions.may_see_of_result(sitting=row, at=now)
    may_see = bool(shown - SCORE_ONLY)
    graded = permissions.may_see_result(sitting=row, at=now)
    has_score = graded and "marks" in shown
    context = {
        "sitting": row,
        "quiz": row.quiz,
        "course": row.quiz.activity.course if row.quiz.activity else None,
        "waiting": row.state == Sitting.State.SUBMITTED,
        "failed": row.state == Sitting.State.FAILED,
        "with_marker": row.state == Sitting.State.WAITING,
        "not_released": row.state == Sitting.State.GRADED and not graded,
        "has_score": has_score,
        "percent": row.score * 100 / row.max_score if has_score and row.score is not None and row.max_score else None,
        "sections": queries.sections(row) if has_score else [],
        "pass_percent": row.quiz_version.blueprint["pass_percent"],
        "refusal": _refusal_to_try_again(request, row, at=now) if graded and not row.passed else None,
        "feedback": row.quiz_version.blueprint["feedback"],
        "slots": queries.result_slots(row, shown=shown) if may_see else [],
        "topics": queries.topics(row) if has_score else [],
        "may_see": may_see,
    }
    return render(request, "assessments/result.html", context)


def _refusal_to_try_again(request: HttpRequest, row: Sitting, *, at: datetime) -> SittingRefused | None:
    enrolment = _enrolment(request, row.quiz)
    return refusal_to_start(person=signed_in(request), quiz=row.quiz, at=at, enrolment=enrolment)
