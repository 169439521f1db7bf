"""How a quiz and its questions did: figures, charts and tables, flags in plain words, and the way out as a file."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from assessments import services
from assessments.analysis.calibration import FEWEST_ATTEMPTS
from assessments.analysis.flags import SHORT, TOO_FEW, WORDS
from assessments.authoring.analysis_charts import histogram
from assessments.authoring.scope import EXAM_OFFICER, INSTRUCTOR, RoleView
from assessments.models import ItemAnalysis, Quiz, QuizAnalysis
from assessments.papers.blueprint import Blueprint
from assessments.permissions import quizzes_for
from common.tabular import write_csv, write_xlsx
from common.vietnamese import fold

PER_PAGE = 50
SORTS = {
    "flags": gettext_lazy("What stands out first"),
    "facility": gettext_lazy("Hardest first"),
    "-facility": gettext_lazy("Easiest first"),
    "discrimination_index": gettext_lazy("Lowest discrimination first"),
    "name": gettext_lazy("By name"),
}
PROBLEMS = {
    "too_few_attempts": gettext_lazy("Calibration needs %(n)d attempts or more."),
    "too_few_questions": gettext_lazy(
        "Calibration needs three questions or more with %(n)d attempts each, that some got right and some wrong."
    ),
    "no_convergence": gettext_lazy("The calibration did not settle: take its numbers with care."),
    "failed": gettext_lazy("The calibration failed; the other figures do not depend on it."),
}
GRAVITY = {code: place for place, code in enumerate(["wrong_key", "negative", "no_variance", "guessed", "too_hard"])}


class AnalysisPage(RoleView, WagtailAdminTemplateMixin, TemplateView):
    """A page about the analysis of a quiz that the reader may edit; 404 for quizzes of others."""

    roles = (INSTRUCTOR, EXAM_OFFICER)

    @cached_property
    def quiz(self) -> Quiz:
        """The quiz."""
        return get_object_or_404(quizzes_for(self.request.user), pk=self.kwargs["pk"])

    @cached_property
    def analyses(self) -> list[QuizAnalysis]:
        """Of all its versions that were sat, newest first; without what they count."""
        rows = QuizAnalysis.objects.filter(quiz_version__quiz=self.quiz).select_related("quiz_version")
        return list(rows.order_by("-quiz_version__number"))

    def get_page_subtitle(self) -> str:
        """Which quiz."""
        return self.quiz.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Quizzes, the quiz, its analysis."""
        return [
            *self.breadcrumbs_items,
            {"url": reverse("quizzes:index"), "label": _("Quizzes and exams")},
            {"url": reverse("quizzes:edit", args=[self.quiz.pk]), "label": self.quiz.title},
            {"url": "", "label": self.get_page_title()},
        ]


class FilterForm(forms.Form):
    """Which questions, in which order."""

    flag = forms.ChoiceField(label=gettext_lazy("What stands out"), required=False)
    search = forms.CharField(label=gettext_lazy("Name or identifier"), required=False, max_length=100)
    sort = forms.ChoiceField(label=gettext_lazy("Order"), choices=SORTS.items(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["flag"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All questions")), ("any", _("Whatever stands out")), *SHORT.items()]


@dataclass(frozen=True, slots=True)
class Row:
    """A question of the list."""

    item: ItemAnalysis
    flags: list[Any]

    @property
    def question(self) -> Any:
        """What it is about."""
        return self.item.question_version.question

    @property
    def facility(self) -> float | None:
        """In percent."""
        return percent_of(self.item.facility, 1)

    @property
    def sd(self) -> float | None:
        """In percent."""
        return percent_of(self.item.sd, 1)


class QuizAnalysisView(AnalysisPage):
    """A version of a quiz: its figures, the spread of scores, its questions."""

    template_name = "assessments/admin/analysis_quiz.html"
    page_title = gettext_lazy("Analysis")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or its list as a file."""
        kind = request.GET.get("file", "")
        if kind in {"csv", "xlsx"} and self.analysis is not None:
            return download(self.quiz, self.analysis, self.rows, kind)  # type: ignore[return-value]
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count everything again."""
        if self.analysis is None:
            raise Http404
        services.recount_quiz(analysis=self.analysis, at=timezone.now())
        messages.success(request, _("Everything is being counted again; look at this page in a minute."))
        return redirect(f"{request.path}?version={self.analysis.quiz_version.number}")

    @cached_property
    def analysis(self) -> QuizAnalysis | None:
        """Of the version that was asked for, else of the newest one that was sat."""
        wanted = self.request.GET.get("version", "")
        chosen = [one for one in self.analyses if str(one.quiz_version.number) == wanted]
        return next(iter(chosen or self.analyses), None)

    @cached_property
    def form(self) -> FilterForm:
        """What the address asks for; nonsense is ignored."""
        form = FilterForm(self.request.GET)
        form.is_valid()
        return form

    @cached_property
    def rows(self) -> list[Row]:
        """The questions that the filters leave. Some hundreds at most: sorted here, without their counts."""
        if self.analysis is None:
            return []
        items = self.analysis.items.select_related("question_version__question").defer(
            "counts", "question_version__body"
        )
        rows = [Row(item, said(item.flags)) for item in items]
        asked = self.form.cleaned_data
        if flag := asked.get("flag"):
            codes = [{one["code"] for one in row.item.flags} - {TOO_FEW} for row in rows]
            every = [{one["code"] for one in row.item.flags} for row in rows]
            rows = [
                row
                for row, some, all_of_it in zip(rows, codes, every, strict=True)
                if (some if flag == "any" else flag in all_of_it)
            ]
        if words := fold(asked.get("search") or "").split():
            rows = [
                row
                for row in rows
                if all(word in fold(f"{row.question.name} {row.question.idnumber}") for word in words)
            ]
        return sorted(rows, key=order_of(asked.get("sort") or "flags"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Figures, chart and the page of the list."""
        analysis = self.analysis
        if analysis is None:
            return super().get_context_data(quiz=self.quiz, analysis=None, **kwargs)
        blueprint = Blueprint.model_validate(analysis.quiz_version.blueprint)
        greatest = float(blueprint.max_score)
        listed = self.request.GET.copy()
        for name in ("p", "file"):
            listed.pop(name, None)
        problem = PROBLEMS.get(analysis.calibration.get("problem", ""))
        return super().get_context_data(
            quiz=self.quiz,
            analysis=analysis,
            analyses=self.analyses,
            figures=analysis.figures,
            mean_percent=percent_of(analysis.figures.get("mean"), greatest),
            greatest=greatest,
            chart=histogram(
                dict(analysis.totals),
                greatest=greatest,
                pass_mark=greatest * float(blueprint.pass_percent) / 100,
            ),
            models=analysis.calibration.get("models", []),
            problem=str(problem) % {"n": FEWEST_ATTEMPTS} if problem else "",
            form=self.form,
            page=Paginator(self.rows, PER_PAGE).get_page(self.request.GET.get("p")),
            found=len(self.rows),
            before=f"{listed.urlencode()}&" if listed else "",
            **kwargs,
        )


def percent_of(value: float | None, greatest: float) -> float | None:
    """A mark as a percentage."""
    return 100 * value / greatest if value is not None and greatest else None


def said(flags: list[dict[str, str]], letters: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Flags with their short words, and their sentence where the letters of the choices are known."""
    found: list[dict[str, Any]] = []
    for flag in flags:
        letter = (letters or {}).get(flag["choice"], "")
        if letters is None and any(one["code"] == flag["code"] for one in found):
            continue
        sentence = str(WORDS[flag["code"]]) % {"choice": letter} if letters is not None else ""
        found.append({"code": flag["code"], "short": SHORT[flag["code"]], "sentence": sentence})
    return found


def order_of(sort: str) -> Any:
    """The key that sorts rows; what has no figure comes last."""

    def key(row: Row) -> Any:
        name = (fold(row.question.name), row.item.pk)
        if sort == "name":
            return name
        if sort == "flags":
            codes = [GRAVITY.get(flag["code"], 8 if flag["code"] != TOO_FEW else 9) for flag in row.item.flags]
            return (min(codes, default=10), -len([code for code in codes if code < 9]), name)
        value = getattr(row.item, sort.removeprefix("-"))
        return (value is None, -value if value is not None and sort.startswith("-") else value or 0.0, name)

    return key


def download(quiz: Quiz, analysis: QuizAnalysis, rows: list[Row], kind: str) -> HttpResponseBase:
    """The listed questions as CSV or XLSX; texts that a spreadsheet could run are made harmless."""
    columns = [
        _("Identifier"),
        _("Question"),
        _("Version"),
        _("Attempts"),
        _("Facility (%)"),
        _("Standard deviation (%)"),
        _("Discrimination index (%)"),
        _("Discriminative efficiency (%)"),
        _("Intended weight (%)"),
        _("Effective weight (%)"),
        _("Guessing earns (%)"),
        _("Median time (seconds)"),
        _("What stands out"),
    ]
    table = [
        [
            row.question.idnumber,
            row.question.name,
            row.item.question_version.number,
            row.item.n,
            row.facility,
            row.sd,
            row.item.discrimination_index,
            row.item.discriminative_efficiency,
            row.item.intended_weight,
            row.item.effective_weight,
            percent_of(row.item.random_guess, 1),
            row.item.median_seconds,
            "; ".join(str(flag["short"]) for flag in row.flags),
        ]
        for row in rows
    ]
    file = BytesIO()
    if kind == "csv":
        write_csv(table, columns, file)
    else:
        write_xlsx(table, columns, file, title=_("Analysis"))
    file.seek(0)
    name = f"phan-tich-{quiz.slug}-v{analysis.quiz_version.number}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name)
