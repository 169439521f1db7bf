"""Trying a question as a candidate: a saved one, and one that is still being written. Nothing is kept."""

from __future__ import annotations

import json
import secrets
from copy import copy
from random import Random
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from assessments.authoring.problems import read_source
from assessments.authoring.question_form import read_body, source_form
from assessments.authoring.scope import RoleView
from assessments.authoring.source_form import Problem
from assessments.grading.engine import QuestionDefinition, grade
from assessments.papers import draw_order
from assessments.permissions import questions_for
from assessments.question_types import AnyType, get_type

SLOT = 1


def as_candidate(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page as for somebody who is not staff: without the button that leads editors into the administration."""
    visitor = copy(request)
    visitor.user = AnonymousUser()
    return render(visitor, template, context)


def trial(question_type: AnyType, body: Any, data: Any) -> dict[str, Any]:
    """What the template needs to show the question; with an answer in `data`, how it was marked."""
    raw: dict[str, Any] = {}
    outcome = None
    marks = data is not None and "mark" in data
    # The answer is marked by the values that were shown; another try gets others.
    seed = str(data.get("seed", ""))[:40] if marks else secrets.token_hex(8)
    order = draw_order(question_type.permutables(body), chance=Random(seed))  # noqa: S311  reproducible on purpose
    variant = {**question_type.make_variant(body, seed), "order": order}
    body = question_type.drawn(body, variant)
    if marks:
        fields = {key: data.getlist(key) for key in data}
        raw = question_type.parse_form(fields, f"q{SLOT}", body)
        outcome = grade(QuestionDefinition(question_type.name, body.model_dump(mode="json")), raw, variant)
    try:
        response = question_type.Response.model_validate(raw)
    except ValueError:
        response = question_type.Response()
    return {
        "body": body,
        "stem": question_type.shown_stem(body, variant),
        "answers_in_stem": question_type.answers_in_stem,
        "view": question_type.view(body, response, variant),
        "slot": {"slot": SLOT, "body": body},
        "seed": seed,
        "is_answered": question_type.is_answered,
        "outcome": outcome,
        "general": body.feedback_for(outcome.state) if outcome else "",
        "template": question_type.result_template if outcome else question_type.template,
    }


@method_decorator(never_cache, name="dispatch")
class TryView(RoleView):
    """The current version of a question."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The question, or the marked answer."""
        question = get_object_or_404(
            questions_for(request.user).select_related("current_version"), pk=pk, current_version__isnull=False
        )
        version = question.current_version
        assert version is not None
        question_type = get_type(version.type)
        body = question_type.Body.model_validate(version.body)
        data = request.POST if request.method == "POST" else None
        context = {"question": question, "version": version, **trial(question_type, body, data)}
        return as_candidate(request, "assessments/try_question.html", context)

    post = get


@method_decorator(never_cache, name="dispatch")
class PreviewView(RoleView):
    """The question in the form as it stands, saved or not; what is wrong instead when it cannot be shown."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """From the fields of the form; from the source when the answer of a trial is sent."""
        try:
            question_type = get_type(request.POST.get("type", ""))
        except KeyError:
            raise Http404 from None
        if "source" in request.POST:
            try:
                source = json.loads(request.POST["source"])
                body, faults = read_source(question_type, source if isinstance(source, dict) else {})
            except (ValueError, RecursionError):
                body, faults = None, []
            problems = [Problem("", "", str(fault)) for fault in faults] or [Problem("", "", _("Load the page again."))]
        else:
            form = source_form(question_type, data=request.POST)
            body = read_body(question_type, form)
            source = form.source() if body is not None else {}
            problems = form.problems()
        if body is None:
            return as_candidate(request, "assessments/admin/preview_problems.html", {"problems": problems})
        context = {
            "source": json.dumps(source, ensure_ascii=False),
            "type_name": question_type.name,
            **trial(question_type, body, request.POST),
        }
        return as_candidate(request, "assessments/admin/preview.html", context)
