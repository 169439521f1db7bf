"""Where the officers' screens are in the administration, and who sees them in its menu."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, path, register_converter, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from assessments.authoring.scope import EXAM_OFFICER, has_any_role
from assessments.supervising import boards, candidates, failed, granting, record


class ActConverter:
    """The name of an act in an address."""

    regex = "|".join(boards.ACTS)

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(ActConverter, "act")


@hooks.register("register_admin_urls")
def supervision_urls() -> list[URLPattern]:
    """The screens, below coi-thi/."""
    exam = "coi-thi/<int:quiz>/"
    return [
        path("coi-thi/", boards.ExamsView.as_view(), name="supervision"),
        path("coi-thi/cham-loi/", failed.FailedView.as_view(), name="supervision_failed"),
        path(exam, boards.BoardView.as_view(), name="supervision_board"),
        path(f"{exam}bang/", boards.BoardRowsView.as_view(), name="supervision_rows"),
        path(f"{exam}bai/<int:pk>/", boards.SittingView.as_view(), name="supervision_sitting"),
        path(f"{exam}lenh/<act:kind>/", boards.ActView.as_view(), name="supervision_act"),
        path(f"{exam}bien-ban/", record.RecordView.as_view(), name="supervision_record"),
        path(f"{exam}thi-sinh/", candidates.CandidatesView.as_view(), name="supervision_candidates"),
        path(f"{exam}thi-sinh/tep/<int:pk>/", candidates.FileView.as_view(), name="supervision_file"),
        path(f"{exam}thi-sinh/<int:pk>/rut/", candidates.WithdrawView.as_view(), name="supervision_withdraw"),
        path(f"{exam}danh-sach/", candidates.ExamListView.as_view(), {"form": "print"}, name="supervision_list"),
        path(
            f"{exam}danh-sach.xlsx", candidates.ExamListView.as_view(), {"form": "xlsx"}, name="supervision_list_xlsx"
        ),
        path(f"{exam}dieu-chinh/", granting.AccommodationsView.as_view(), name="supervision_accommodations"),
        path(
            f"{exam}dieu-chinh/<int:pk>/huy/",
            granting.WithdrawAccommodationView.as_view(),
            name="supervision_accommodation_withdraw",
        ),
    ]


class SupervisionMenuItem(MenuItem):
    """Shown to exam officers."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Who has the role somewhere."""
        return has_any_role(request.user, [EXAM_OFFICER])


@hooks.register("register_admin_menu_item")
def supervision_menu_item() -> SupervisionMenuItem:
    """After the quizzes."""
    return SupervisionMenuItem(
        _("Exam supervision"), reverse("supervision"), name="supervision", icon_name="view", order=135
    )
