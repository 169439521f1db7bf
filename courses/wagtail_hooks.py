"""What instructors see of courses in the administration."""

from __future__ import annotations

from django.contrib import messages
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, TitleFieldPanel
from wagtail.admin.widgets.slug import SlugInput
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from courses.models import (
    Audience,
    CatalogueIndexPage,
    CompetenceFramework,
    Course,
    CoursePage,
    LessonPage,
    SubjectField,
)
from courses.queries import is_learnt_from
from courses.services import keep_search_text, recheck_enrolments


class CourseViewSet(SnippetViewSet):
    """The facts and rules of courses; their pages present them."""

    model = Course
    icon = "draft"
    menu_label = _("Courses")
    list_display = ["code", "title", "level", "subject", "is_open"]
    list_filter = ["subject", "level", "is_open"]
    search_fields = ["code", "title", "search_text"]
    panels = [
        MultiFieldPanel(
            [
                TitleFieldPanel("title"),
                FieldPanel("slug", widget=SlugInput),
                *[FieldPanel(name) for name in ("code", "title_en", "summary", "summary_en", "outcome")],
            ],
            heading=_("What it is"),
        ),
        InlinePanel(
            "outcomes",
            panels=[FieldPanel("code"), FieldPanel("text")],
            heading=_("What the learner can do afterwards"),
            label=_("Outcome"),
        ),
        MultiFieldPanel(
            [
                *[FieldPanel(name) for name in ("subject", "level", "hours")],
                FieldPanel("audiences", widget=CheckboxSelectMultiple),
                FieldPanel("competences"),
            ],
            heading=_("Where it is found"),
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("gated", "require_lessons", "is_open")],
            heading=_("When it is complete"),
        ),
        MultiFieldPanel([FieldPanel("author"), FieldPanel("licence")], heading=_("Author")),
    ]


class SubjectViewSet(SnippetViewSet):
    """Subject fields."""

    model = SubjectField
    icon = "tag"
    list_display = ["name", "name_en", "order"]


class AudienceViewSet(SnippetViewSet):
    """Audiences."""

    model = Audience
    icon = "group"
    list_display = ["name", "name_en", "order"]


class FrameworkViewSet(SnippetViewSet):
    """Competence frameworks."""

    model = CompetenceFramework
    icon = "list-ul"
    list_display = ["code", "title", "source"]


class CoursesGroup(SnippetViewSetGroup):
    """Everything about courses, in one menu."""

    items = (CourseViewSet, SubjectViewSet, AudienceViewSet, FrameworkViewSet)
    menu_label = _("Courses")
    menu_icon = "openquote"
    menu_order = 110


register_snippet(CoursesGroup)


@hooks.register("after_create_snippet")
def go_on_with_its_page(request: HttpRequest, instance: object) -> HttpResponse | None:
    """A new course needs its page next; lessons are added below that."""
    if not isinstance(instance, Course):
        return None
    course_saved(request, instance)
    catalogue = CatalogueIndexPage.objects.filter(locale__language_code="vi").first()
    if catalogue is None or not catalogue.permissions_for_user(request.user).can_add_subpage():
        return None
    messages.success(request, _("The course is saved. Now write its page, then add the lessons below that page."))
    return redirect("wagtailadmin_pages:add", "courses", "coursepage", catalogue.pk)


@hooks.register("after_edit_snippet")
def course_saved(request: HttpRequest, instance: object) -> None:
    """A saved course is found by its new words, and its new rules are applied to who is learning it."""
    if isinstance(instance, Course):
        keep_search_text(course=instance)
        recheck_enrolments(course=instance)


@hooks.register("before_move_page")
def keep_lesson_in_its_course(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    """A lesson that was published is part of its course's records and stays there."""
    if not isinstance(page.specific, LessonPage) or page.get_parent().pk == destination.pk:
        return None
    return _stay(request, [page], _("A lesson cannot move to another course: copy it there instead."))


@hooks.register("before_delete_page")
def keep_what_was_learnt(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Pages that people have learnt from stay: their records point to them."""
    return _refuse_deletion(request, [page])


@hooks.register("before_copy_page")
def one_page_a_course(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A course has one page in a language, so its page cannot be doubled."""
    if not isinstance(page.specific, CoursePage):
        return None
    reason = _("A course has one page. Make the new course first, then its page, and copy lessons below it.")
    return _stay(request, [page], reason)


@hooks.register("before_bulk_action")
def bulk_as_one_by_one(
    request: HttpRequest, action_type: str, objects: list[Page], action_class_instance: object
) -> HttpResponse | None:
    """What is refused for one page is refused for many."""
    pages = [row for row in objects if isinstance(row, Page)]
    if action_type == "delete" and pages:
        return _refuse_deletion(request, pages)
    if action_type == "move" and any(isinstance(page.specific, LessonPage) for page in pages):
        return _stay(request, pages, _("A lesson cannot move to another course: copy it there instead."))
    return None


def _refuse_deletion(request: HttpRequest, pages: list[Page]) -> HttpResponse | None:
    if not any(is_learnt_from(page) for page in pages):
        return None
    return _stay(request, pages, _("People have learnt from this: unpublish it instead; their progress is kept."))


def _stay(request: HttpRequest, pages: list[Page], reason: str | Promise) -> HttpResponse:
    """Back to where the pages are listed, with the reason."""
    messages.error(request, str(reason))
    return redirect("wagtailadmin_explore", pages[0].get_parent().pk)
