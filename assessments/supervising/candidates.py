"""Candidates of an exam: the list, registering, rooms, lists in files, and the list to print or take away."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, gettext_noop, ngettext, pgettext
from django.utils.translation import gettext as _

from assessments.authoring.scope import EXAM_OFFICER
from assessments.exceptions import AccessRefused
from assessments.models import Registration, RegistrationFile
from assessments.permissions import registrations_to_supervise
from assessments.services.registration import place_candidates, register_people, register_unit, withdraw_registration
from assessments.services.registration_files import apply_registration_file, check_registration_file
from assessments.supervising.forms import FileForm, ReasonForm, RegisterForm, RoomsForm
from assessments.supervising.pages import ExamPage
from common.tabular import write_xlsx
from common.vietnamese import fold
from people.models import AccessLog, OrganisationUnit, Person
from people.permissions import units_for_role
from people.services import log_access

PER_PAGE = 100
MOST_LINES = 1000


def open_units(person: Any) -> QuerySet[OrganisationUnit]:
    """Units of the officer that are there today."""
    return OrganisationUnit.objects.valid_on(timezone.localdate()).filter(
        pk__in=units_for_role(person, EXAM_OFFICER).order_by().values("pk")
    )


def people_named(text: str) -> tuple[list[Person], list[str]]:
    """People by staff number or e-mail, one a line, and the lines that name nobody."""
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))[:MOST_LINES]
    known: dict[str, Person] = {}
    for start in range(0, len(lines), 400):
        batch = lines[start : start + 400]
        lowered = [line.lower() for line in batch]
        for person in Person.objects.filter(Q(staff_number__in=batch) | Q(email__in=lowered), is_active=True):
            known.update({person.staff_number or "": person, (person.email or "").lower(): person})
    found = {line: known.get(line) or known.get(line.lower()) for line in lines}
    return [person for person in found.values() if person is not None], [line for line in lines if found[line] is None]


class CandidatesView(ExamPage):
    """The list, and how to make it longer."""

    template_name = "assessments/admin/supervision_candidates.html"
    page_title = gettext_lazy("Candidates")
    header_icon = "group"
    whole = True
    forms_by_name = {"register": RegisterForm, "file": FileForm, "rooms": RoomsForm}

    def form_of(self, name: str, data: Any = None, files: Any = None) -> Any:
        """A form of the page, filled when it is the one that was sent."""
        more = {"units": open_units(self.by)} if name == "register" else {}
        return self.forms_by_name[name](data, files, prefix=name, **more)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of candidates in the order of numbers."""
        search, room = self.request.GET.get("q", ""), self.request.GET.get("phong", "")
        rows = registrations_to_supervise(self.by).filter(quiz=self.quiz).select_related("person")
        rooms = sorted(set(rows.exclude(room="").order_by().values_list("room", flat=True)))
        if room:
            rows = rows.filter(room=room)
        for word in fold(search).split()[:8]:
            rows = rows.filter(Q(person__search_text__contains=word) | Q(candidate_number__icontains=word))
        page = Paginator(rows.order_by("candidate_number"), PER_PAGE).get_page(self.request.GET.get("p"))
        for name in self.forms_by_name:
            kwargs.setdefault(f"{name}_form", self.form_of(name))
        asked = {"q": search, "phong": room}
        before = urlencode({name: value for name, value in asked.items() if value}) + "&"
        files = self.quiz.registration_files.select_related("uploaded_by")[:5]
        return super().get_context_data(
            page=page, search=search, room=room, rooms=rooms, files=files, before=before, **kwargs
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One of the forms."""
        assert self.quiz  # 404 or 403 before anything is done
        name = request.POST.get("form", "")
        if name not in self.forms_by_name:
            return redirect(self.address)
        form = self.form_of(name, request.POST, request.FILES)
        if form.is_valid():
            try:
                return self.done(name, form.cleaned_data)
            except AccessRefused as refusal:
                form.add_error(None, str(refusal))
        return self.render_to_response(self.get_context_data(**{f"{name}_form": form}), status=422)

    @property
    def address(self) -> str:
        """This page."""
        return reverse("supervision_candidates", args=[self.quiz.pk])

    def done(self, name: str, data: dict[str, Any]) -> HttpResponse:
        """Call the service, and say what came of it."""
        now = timezone.now()
        if name == "file":
            file = check_registration_file(
                quiz=self.quiz, data=data["file"].read(), file_name=data["file"].name, by=self.by, at=now
            )
            return redirect("supervision_file", self.quiz.pk, file.pk)
        if name == "rooms":
            count = place_candidates(quiz=self.quiz, rooms=data["rooms"])
            said = ngettext("%(count)d candidate has a room now.", "%(count)d candidates have a room now.", count)
            messages.success(self.request, said % {"count": count})
            return redirect(self.address)
        people, unknown = people_named(data["people"])
        if not people and not unknown and data["unit"] is None:
            raise AccessRefused(_("Choose a unit or write whom to register."))
        if unknown:
            values = {"names": ", ".join(unknown[:10])}
            raise AccessRefused(_("Nobody in the system has this staff number or e-mail: %(names)s.") % values)
        new = register_people(quiz=self.quiz, people=people, room=data["room"], by=self.by, at=now)
        if data["unit"] is not None:
            new += register_unit(quiz=self.quiz, unit=data["unit"], room=data["room"], by=self.by, at=now)
        said = ngettext("%(count)d candidate registered.", "%(count)d candidates registered.", len(new))
        messages.success(self.request, said % {"count": len(new)})
        return redirect(self.address)


class FileView(ExamPage):
    """What a list of candidates holds or what is wrong with it; then it is applied."""

    template_name = "assessments/admin/supervision_file.html"
    page_title = gettext_lazy("List of candidates")
    header_icon = "doc-full"
    whole = True

    @cached_property
    def file(self) -> RegistrationFile:
        """The list."""
        return get_object_or_404(self.quiz.registration_files.all(), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the problems in the reader's language."""
        language = "en" if get_language() == "en" else "vi"
        problems = [{**row, "message": row[f"message_{language}"]} for row in self.file.problems]
        return super().get_context_data(file=self.file, problems=problems, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Register everybody."""
        try:
            apply_registration_file(file=self.file, by=self.by, at=timezone.now())
        except AccessRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("supervision_file", self.quiz.pk, self.file.pk)
        count = self.file.row_count
        said = ngettext("%(count)d candidate registered.", "%(count)d candidates registered.", count)
        messages.success(request, said % {"count": count})
        return redirect("supervision_candidates", self.quiz.pk)


class WithdrawView(ExamPage):
    """Take a candidate off the list."""

    template_name = "assessments/admin/supervision_withdraw.html"
    page_title = gettext_lazy("Take off the list")
    header_icon = "user"
    whole = True

    @cached_property
    def row(self) -> Registration:
        """Who is on it."""
        rows = registrations_to_supervise(self.by).filter(quiz=self.quiz, withdrawn_at__isnull=True)
        return get_object_or_404(rows.select_related("person"), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whom."""
        kwargs.setdefault("form", ReasonForm())
        what = f"{self.row.candidate_number} {self.row.person.full_name}"
        back = reverse("supervision_candidates", args=[self.quiz.pk])
        return super().get_context_data(what=what, back=back, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Withdraw."""
        row, form = self.row, ReasonForm(request.POST)
        if form.is_valid():
            try:
                withdraw_registration(
                    registration=row, reason=form.cleaned_data["reason"], by=self.by, at=timezone.now()
                )
            except AccessRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("%(person)s is off the list.") % {"person": row.person})
                return redirect("supervision_candidates", self.quiz.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ExamListView(ExamPage):
    """The list in the official columns: to print with room for signatures, or as XLSX."""

    def rows(self) -> list[Registration]:
        """Whom the officer supervises, in the order of rooms and numbers; that it was read is logged."""
        rows = registrations_to_supervise(self.by).filter(quiz=self.quiz, withdrawn_at__isnull=True)
        room = self.request.GET.get("phong", "")
        if room:
            rows = rows.filter(room=room)
        log_access(
            by=self.by,
            action=AccessLog.Action.EXPORT,
            what=gettext_noop("list of candidates"),
            exactly=self.quiz.title,
            at=timezone.now(),
        )
        return list(rows.select_related("person").order_by("room", "candidate_number"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Printed, or a file."""
        if kwargs.get("form") == "xlsx":
            return self.workbook()
        rooms: dict[str, list[tuple[Registration, str, str]]] = {}
        for row in self.rows():
            rooms.setdefault(row.room, []).append((row, *parted(row.person.full_name)))
        context = {"quiz": self.quiz, "rooms": list(rooms.items()), "today": timezone.localdate()}
        with translation.override("vi"):  # an official paper
            return render(request, "assessments/admin/supervision_list.html", context)

    def workbook(self) -> HttpResponse:
        """XLSX in the same columns."""
        columns = [
            _("No."),
            _("Candidate number"),
            pgettext("name", "Family and middle names"),
            pgettext("name", "Given name"),
            _("Date of birth"),
            _("Place of birth"),
            _("Gender"),
            pgettext("exam", "Room"),
            _("Seat"),
            _("Signature"),
            _("Notes"),
        ]
        rows = [
            [
                count,
                row.candidate_number,
                *parted(row.person.full_name),
                row.person.birth_date,
                row.birth_place,
                row.get_gender_display(),
                row.room,
                row.seat,
                "",
                "",
            ]
            for count, row in enumerate(self.rows(), start=1)
        ]
        file = io.BytesIO()
        write_xlsx(rows, columns, file, title=_("Candidates"))
        response = HttpResponse(
            file.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
        response["Content-Disposition"] = f'attachment; filename="danh-sach-{self.quiz.slug}.xlsx"'
        return response


def parted(full_name: str) -> tuple[str, str]:
    """Họ và đệm, and TÊN, as the lists print them in two columns; a name of one word is a TÊN."""
    words = full_name.split()
    return " ".join(words[:-1]), " ".join(words[-1:])
