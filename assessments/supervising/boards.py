"""The list of exams, the live board, one sitting, and what is done with some of them."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from assessments.exceptions import SupervisionRefused
from assessments.models import Registration, Sitting
from assessments.permissions import boards_for, sittings_to_supervise
from assessments.services import supervision
from assessments.supervising.board import STATUSES, Board, Filters, read_board
from assessments.supervising.forms import ActForm
from assessments.supervising.pages import ExamPage, OfficerPage
from common.vietnamese import fold

EXAMS_PER_PAGE = 50
MOST_NAMED = 8

ACTS: dict[str, tuple[Any, Promise, bool]] = {
    "pause": (supervision.pause_sittings, pgettext_lazy("exam", "Pause"), False),
    "resume": (supervision.resume_sittings, pgettext_lazy("exam", "Let go on"), False),
    "extend": (supervision.extend_sittings, pgettext_lazy("exam", "Give time"), False),
    "message": (supervision.message_sittings, pgettext_lazy("exam", "Send a message"), False),
    "note": (supervision.note_sittings, pgettext_lazy("exam", "Make a note"), False),
    "release": (supervision.release_devices, pgettext_lazy("exam", "Allow another device"), False),
    "end": (supervision.end_sittings, pgettext_lazy("exam", "End now"), True),
}


class ExamsView(OfficerPage):
    """Exams that the officer supervises, those that are sat now first."""

    template_name = "assessments/admin/supervision_exams.html"
    page_title = gettext_lazy("Exam supervision")
    header_icon = "view"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """This."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of exams with how many sit them; found without diacritics."""
        quizzes, search = boards_for(self.request.user), self.request.GET.get("q", "")
        words = fold(search).split()[:8]
        if words:
            titles = quizzes.values_list("pk", "title", "slug")
            found = [pk for pk, title, slug in titles if all(word in fold(f"{title} {slug}") for word in words)]
            quizzes = quizzes.filter(pk__in=found)
        running = Count("sittings", filter=Q(sittings__state=Sitting.State.OPEN), distinct=True)
        listed = Count("registrations", filter=Q(registrations__withdrawn_at__isnull=True), distinct=True)
        rows = quizzes.annotate(running=running, listed=listed).order_by("-running", "-listed", "title", "pk")
        page = Paginator(rows, EXAMS_PER_PAGE).get_page(self.request.GET.get("p"))
        failed = sittings_to_supervise(self.request.user).filter(state=Sitting.State.FAILED).count()
        return super().get_context_data(
            page=page, search=search, failed=failed, before=f"{urlencode({'q': search})}&", **kwargs
        )


class BoardPage(ExamPage):
    """What the board and its refreshed part share."""

    page_title = gettext_lazy("Live board")
    header_icon = "view"

    @cached_property
    def filters(self) -> Filters:
        """What is looked for."""
        asked = self.request.GET
        status = asked.get("trang-thai", "")
        return Filters(
            words=asked.get("q", "")[:100],
            room=asked.get("phong", "")[:60],
            status=status if status in STATUSES else "",
        )

    def board(self) -> Board:
        """The board now."""
        return read_board(
            quiz=self.quiz, by=self.by, filters=self.filters, page=self.request.GET.get("p"), at=timezone.now()
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Exams, this one."""
        above = super().get_breadcrumbs_items()[:-2]
        return [*above, {"url": "", "label": self.quiz.title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The rows and how to come back to them."""
        asked = self.request.GET.copy()
        kept = {name: asked[name] for name in ("q", "phong", "trang-thai") if asked.get(name)}
        return super().get_context_data(
            board=self.board(),
            filters=self.filters,
            statuses=STATUSES.items(),
            kept=f"?{urlencode(kept)}&" if kept else "?",
            acts=[(kind, name, serious) for kind, (_does, name, serious) in ACTS.items()],
            **kwargs,
        )


class BoardView(BoardPage):
    """The whole page."""

    template_name = "assessments/admin/supervision_board.html"


class BoardRowsView(BoardPage):
    """What changes of it; the page asks every few seconds."""

    template_name = "assessments/admin/supervision_rows.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """The part alone, never kept."""
        response = render(self.request, self.template_name, context)
        response["Cache-Control"] = "no-store"
        return response


class SittingView(ExamPage):
    """One sitting: how it stands, what officers did with it, and what can be done."""

    template_name = "assessments/admin/supervision_sitting.html"
    page_title = gettext_lazy("Sitting")
    header_icon = "user"

    @cached_property
    def sitting(self) -> Sitting:
        """One that the officer supervises."""
        rows = sittings_to_supervise(self.request.user).filter(quiz=self.quiz).select_related("person")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_page_subtitle(self) -> str:
        """Whose."""
        return self.sitting.person.full_name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With its log."""
        sitting = self.sitting
        return super().get_context_data(
            sitting=sitting,
            registration=Registration.objects.filter(
                quiz=self.quiz, person=sitting.person, withdrawn_at__isnull=True
            ).first(),
            entries=sitting.supervision.select_related("by").order_by("number"),
            devices=sitting.events.filter(kind="device").order_by("seq"),
            saved=sitting.events.order_by("-seq").first(),
            is_open=sitting.state == Sitting.State.OPEN,
            acts=[(kind, name, serious) for kind, (_does, name, serious) in ACTS.items()],
            **kwargs,
        )


class ActView(ExamPage):
    """Why, and to whom: then it is done. With `dialog` only the form, for the board's dialog."""

    template_name = "assessments/admin/supervision_act.html"
    header_icon = "view"

    @property
    def kind(self) -> str:
        """Which act."""
        kind: str = self.kwargs["kind"]
        return kind

    def get_page_title(self) -> str:
        """Its name."""
        return str(ACTS[self.kind][1])

    @cached_property
    def who(self) -> str:
        """Those who are ticked, a room, or everybody."""
        who = self.asked.get("who", "chosen")
        return who if who in {"room", "all"} else "chosen"

    @property
    def asked(self) -> Any:
        """What the form or the address says."""
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def sittings(self) -> QuerySet[Sitting]:
        """Those who are meant, of those whom the officer supervises."""
        mine = sittings_to_supervise(self.request.user).filter(quiz=self.quiz)
        if self.who == "chosen":
            chosen = [int(pk) for pk in self.asked.getlist("sitting")[:1000] if pk.isdecimal() and len(pk) < 19]
            return mine.filter(pk__in=chosen)
        running = mine.filter(state=Sitting.State.OPEN)
        if self.who == "all":
            return running
        seated = self.quiz.registrations.filter(withdrawn_at__isnull=True, room=self.asked.get("room", ""))
        return running.filter(person__in=seated.values("person"))

    def form(self) -> ActForm:
        """Empty with a new key, or as it was sent."""
        if self.request.method == "POST":
            return ActForm(self.request.POST, kind=self.kind)
        return ActForm(kind=self.kind, initial={"key": secrets.token_hex(16)})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do it, and say to how many."""
        form = self.form()
        if form.is_valid():
            does, name, _serious = ACTS[self.kind]
            try:
                done = does(sittings=self.sittings, by=self.by, at=timezone.now(), **form.cleaned_data)
            except SupervisionRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                said = ngettext("%(act)s: %(count)d candidate.", "%(act)s: %(count)d candidates.", done.count)
                text = said % {"act": name, "count": done.count}
                if done.left_out:
                    values = {"count": len(done.left_out), "why": done.left_out[0][1]}
                    text += " " + _("Left out: %(count)d (%(why)s).") % values
                messages.success(request, text)
                return redirect(self.back)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    @property
    def back(self) -> str:
        """The board as it was filtered, or the sitting."""
        board = reverse("supervision_board", args=[self.quiz.pk])
        back: str = self.asked.get("back", "")
        return back if back.startswith(board) and "//" not in back and "\\" not in back else board

    def get_template_names(self) -> list[str]:
        """The form alone in a dialog."""
        return ["assessments/admin/supervision_act_form.html"] if "dialog" in self.asked else [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and who is meant."""
        kwargs.setdefault("form", self.form())
        names = list(
            self.sittings.order_by("person__sort_key").values_list("person__full_name", flat=True)[:MOST_NAMED]
        )
        kwargs.pop("kind", None)  # as the address has it; here it is checked
        return super().get_context_data(
            kind=self.kind,
            act_name=ACTS[self.kind][1],
            is_serious=ACTS[self.kind][2],
            who=self.who,
            room=self.asked.get("room", ""),
            chosen=self.asked.getlist("sitting") if self.who == "chosen" else [],
            count=self.sittings.count(),
            names=names,
            back=self.back,
            **kwargs,
        )
