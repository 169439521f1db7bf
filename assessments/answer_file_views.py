"""Pages of answer files: what is on the candidate's device only, handing it in, and the officer's decision; the receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from assessments import permissions, queries, services
from assessments.answer_seal import MOST_BYTES, NO_FILE, public_key
from assessments.exceptions import AnswerFileRefused
from assessments.models import AnswerFile, ResponseEvent, Sitting
from assessments.question_types import get_type
from people.models import RoleGrant
from people.permissions import require_role, signed_in

PER_PAGE = 50


def page_config(sitting: Sitting) -> dict[str, Any]:
    """What the page of a sitting must know to keep answers, to hand them in, and to seal those that cannot be sent."""
    responses = reverse("api:record_responses", kwargs={"public_id": sitting.public_id})
    return {
        "submit_url": reverse("api:submit_sitting", kwargs={"public_id": sitting.public_id}),
        "device_url": reverse("api:sitting_device", kwargs={"public_id": sitting.public_id}),
        "section_url": reverse("api:sitting_section", kwargs={"public_id": sitting.public_id}),
        "slots_url": responses.removesuffix("responses") + "slots/",
        "device": sitting.device,
        "paused_at": sitting.paused_at.isoformat() if sitting.paused_at else None,
        "head": sitting.chain_head,
        "answer_key": public_key(),
        "answer_file_url": reverse("assessments:answer_file", kwargs={"public_id": sitting.public_id}),
    }


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def answer_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What this browser still has of a sitting, and a form for a file from another machine."""
    sitting = get_object_or_404(
        permissions.sittings_to_hand_in_for(request.user).select_related("quiz", "person"), public_id=public_id
    )
    if request.method == "POST":
        upload = request.FILES.get("file")
        content = upload.read(MOST_BYTES + 1) if upload is not None else b""
        try:
            row = services.receive_answer_file(
                sitting=sitting, content=content, by=signed_in(request), at=timezone.now()
            )
        except AnswerFileRefused as problem:
            messages.error(request, str(problem if content else NO_FILE))
        else:
            messages.success(request, services.said_of_answer_file(row))
        return redirect("assessments:answer_file", public_id=public_id)
    context = {
        "sitting": sitting,
        "quiz": sitting.quiz,
        "is_own": sitting.person_id == signed_in(request).pk,
        "files": sitting.answer_files.defer("content", "events"),
        "config": {
            "sitting": str(sitting.public_id),
            "is_open": sitting.state == Sitting.State.OPEN,
            "last_seq": sitting.last_seq,
            "upload_url": reverse("api:answer_file", kwargs={"public_id": sitting.public_id}),
            **page_config(sitting),
        },
    }
    return render(request, "assessments/answer_file.html", context)


@login_required
@never_cache
@require_GET
def receipt(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """That the paper was handed in: to read, print or, with `?file`, to keep as a text."""
    sitting = get_object_or_404(
        permissions.sittings_of(request.user).select_related("quiz", "paper").exclude(state=Sitting.State.OPEN),
        public_id=public_id,
    )
    shown = [slot for slot in queries.shown_slots(sitting, with_result=False) if slot.number is not None]
    context = {
        "sitting": sitting,
        "quiz": sitting.quiz,
        "answers": sum(1 for slot in shown if slot.answered),
        "total": len(shown),
    }
    if "file" not in request.GET:
        return render(request, "assessments/receipt.html", context)
    response = render(request, "assessments/receipt.txt", context, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="bien-nhan-{str(public_id)[:8]}.txt"'
    return response


@login_required
@never_cache
@require_GET
def answer_files(request: HttpRequest) -> HttpResponse:
    """Files that wait for this officer's decision, oldest first, then those that were decided."""
    require_role(request.user, RoleGrant.Role.EXAM_OFFICER)
    rows = (
        _to_decide(request)
        .select_related("sitting__quiz", "sitting__person", "decided_by", "received_by")
        .defer("content", "events")
    )
    waiting = rows.filter(state=AnswerFile.State.WAITING).order_by("received_at", "pk")
    done = Paginator(rows.exclude(state=AnswerFile.State.WAITING), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "assessments/answer_files.html", {"waiting": waiting[:PER_PAGE], "done": done})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def answer_file_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file holds beside what the server has, and the decision with its reason."""
    row = get_object_or_404(
        _to_decide(request)
        .select_related("sitting__quiz", "sitting__person", "sitting__paper", "decided_by", "received_by", "run")
        .defer("content"),
        pk=pk,
    )
    if request.method == "POST":
        decide = services.accept_answer_file if "accept" in request.POST else services.refuse_answer_file
        try:
            decide(answer_file=row, reason=request.POST.get("reason", ""), by=signed_in(request), at=timezone.now())
        except AnswerFileRefused as problem:
            messages.error(request, str(problem))
            return redirect("assessments:answer_file_decide", pk=pk)
        messages.success(request, _("The decision is kept."))
        return redirect("assessments:answer_files")
    return render(request, "assessments/answer_file_decide.html", {"row": row, "changes": changed_questions(row)})


def _to_decide(request: HttpRequest) -> QuerySet[AnswerFile]:
    """The files of the sittings that this officer supervises; never of their own."""
    sittings = permissions.sittings_to_supervise(request.user)
    return AnswerFile.objects.filter(sitting__in=sittings.values("pk"))


def changed_questions(row: AnswerFile) -> list[tuple[int, bool]]:
    """The questions that the file answers, each with whether the log has an answer to it already."""
    asked = [slot["slot"] for slot in row.sitting.paper.slots if get_type(slot["type"]).is_answered]
    numbers = {slot: number for number, slot in enumerate(asked, start=1)}
    answered = {event["slot"] for event in row.events if event["kind"] == ResponseEvent.Kind.ANSWER}
    known = set(
        row.sitting.events.filter(kind=ResponseEvent.Kind.ANSWER, slot__in=answered).values_list("slot", flat=True)
    )
    return sorted((numbers[slot], slot in known) for slot in answered if slot in numbers)
