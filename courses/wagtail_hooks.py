"""What instructors see of courses in the administration."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from common.vietnamese import fold
from courses.models import Activity, Audience, CompetenceFramework, Course, LessonPage, SubjectField
from courses.services import sync_activity
from courses.services.packs import LESSON_STEP


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
            [FieldPanel(name) for name in ("slug", "code", "title", "title_en", "summary", "summary_en", "outcome")],
            heading=_("What it is"),
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("level", "hours", "subject", "audiences", "competences")],
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


@hooks.register("after_publish_page")
def keep_activity(request: HttpRequest, page: Page) -> None:
    """A published lesson is an activity of its course, in the order of the pages."""
    lesson = page.specific
    if not isinstance(lesson, LessonPage) or lesson.alias_of_id:
        return
    course_page = lesson.get_parent().specific
    siblings = list(LessonPage.objects.child_of(course_page).live().order_by("path").select_related("activity"))
    for number, sibling in enumerate(siblings, start=1):
        key = sibling.activity.key if sibling.activity else slugify(sibling.slug)[:100]
        activity = sync_activity(
            course=course_page.course,
            kind=Activity.Kind.LESSON,
            key=key,
            title=sibling.title,
            position=number * LESSON_STEP,
        )
        if sibling.activity_id != activity.pk:
            LessonPage.objects.filter(translation_key=sibling.translation_key).update(activity=activity)


@hooks.register("after_edit_snippet")
@hooks.register("after_create_snippet")
def keep_course_search_text(request: HttpRequest, instance: object) -> None:
    """A saved course is found by its new words."""
    if isinstance(instance, Course):
        words = (
            instance.code,
            instance.title,
            instance.title_en,
            instance.summary,
            instance.summary_en,
            instance.outcome,
        )
        Course.objects.filter(pk=instance.pk).update(search_text=fold(" ".join(words)))
