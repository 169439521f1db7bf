"""Accommodations of an exam: what was granted to whom and why, granting, withdrawing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.exceptions import AccessRefused
from assessments.models import Accommodation, Sitting
from assessments.services.access import grant_accommodation, withdraw_accommodation
from assessments.supervising.candidates import open_units, people_named
from assessments.supervising.forms import AccommodationForm, ReasonForm
from assessments.supervising.pages import ExamPage
from people.models import Person

PER_PAGE = 50


class AccommodationsView(ExamPage):
    """The log of accommodations, and one more."""

    template_name = "assessments/admin/supervision_accommodations.html"
    page_title = gettext_lazy("Accommodations")
    header_icon = "time"
    whole = True

    def form_of(self, data: Any = None) -> AccommodationForm:
        """Units of the officer, rooms of the exam."""
        seated = self.quiz.registrations.filter(withdrawn_at__isnull=True).exclude(room="")
        rooms = sorted(set(seated.order_by().values_list("room", flat=True)))
        initial = {"candidate": self.request.GET.get("thi-sinh", "")}
        return AccommodationForm(data, units=open_units(self.by), rooms=rooms, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of them, newest first."""
        kwargs.setdefault("form", self.form_of())
        rows = self.quiz.accommodations.select_related("person", "unit", "created_by", "withdrawn_by")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(page=page, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Grant."""
        form = self.form_of(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                row = grant_accommodation(
                    quiz=self.quiz,
                    person=self.person_of(data["candidate"]) if data["candidate"] else None,
                    unit=data["unit"],
                    room=data["room"],
                    extra_minutes=data["extra_minutes"] or 0,
                    time_factor=data["time_factor"] or Decimal(1),
                    extra_attempts=data["extra_attempts"] or 0,
                    opens_at=data["opens_at"],
                    closes_at=data["closes_at"],
                    ip_ranges=data["ip_ranges"],
                    password=data["password"],
                    reason=data["reason"],
                    by=self.by,
                    at=timezone.now(),
                )
            except AccessRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                moved = Sitting.objects.filter(supervision__key=f"accommodation-{row.pk}").count()
                text = _("Granted.")
                if moved:
                    text += " " + _("Running sittings that got more time: %(count)d.") % {"count": moved}
                messages.success(request, text)
                return redirect("supervision_accommodations", self.quiz.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def person_of(self, text: str) -> Person:
        """By candidate number, else by staff number or e-mail; never the officer. Raises AccessRefused for nobody."""
        words = " ".join(text.split())
        row = self.quiz.registrations.filter(candidate_number=words, withdrawn_at__isnull=True).first()
        found = [row.person] if row is not None else people_named(words)[0]
        if not found:
            raise AccessRefused(_("There is no candidate with this number or e-mail."))
        if found[0] == self.by:
            raise AccessRefused(_("Nobody grants anything to themselves; ask another officer."))
        return found[0]


class WithdrawAccommodationView(ExamPage):
    """End one."""

    template_name = "assessments/admin/supervision_withdraw.html"
    page_title = gettext_lazy("Withdraw the accommodation")
    header_icon = "time"
    whole = True

    @cached_property
    def row(self) -> Accommodation:
        """One that holds."""
        return get_object_or_404(self.quiz.accommodations.filter(withdrawn_at__isnull=True), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which."""
        kwargs.setdefault("form", ReasonForm())
        what = f"{self.row.person or self.row.unit or self.row.room}: {self.row.reason}"
        back = reverse("supervision_accommodations", args=[self.quiz.pk])
        return super().get_context_data(what=what, back=back, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Withdraw."""
        row, form = self.row, ReasonForm(request.POST)
        if form.is_valid():
            withdraw_accommodation(accommodation=row, reason=form.cleaned_data["reason"], by=self.by, at=timezone.now())
            messages.success(request, _("Withdrawn. Who sits already keeps the time."))
            return redirect("supervision_accommodations", self.quiz.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)
