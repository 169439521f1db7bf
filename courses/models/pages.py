"""The pages that present courses, one set per language, pointing at the facts in `catalogue`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from cms.blocks import ContentStreamBlock
from cms.models import BasePage
from courses.blocks import LessonStreamBlock
from courses.models.catalogue import Activity, Course


class CatalogueIndexPage(BasePage):
    """The catalogue: search without diacritics, filters, cards."""

    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["courses.CoursePage"]
    max_count_per_parent = 1
    template = "courses/catalogue_index_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The courses that fit what was asked for."""
        from courses.presenters import catalogue_context

        return {**super().get_context(request, *args, **kwargs), **catalogue_context(self, request)}

    class Meta:
        verbose_name = _("course catalogue")
        verbose_name_plural = _("course catalogues")


class CoursePage(BasePage):
    """A course as the public reads about it; its lessons are its children."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="pages", verbose_name=_("course"))
    introduction = StreamField(ContentStreamBlock(), blank=True, verbose_name=_("introduction"))

    content_panels: ClassVar[list[FieldPanel]] = [
        FieldPanel("course"),
        *BasePage.content_panels,
        FieldPanel("introduction"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        index.SearchField("introduction"),
    ]
    parent_page_types: ClassVar[list[str]] = ["courses.CatalogueIndexPage"]
    subpage_types: ClassVar[list[str]] = ["courses.LessonPage"]
    template = "courses/course_page.html"

    def clean(self) -> None:
        """A course has one page in each language."""
        super().clean()
        others = CoursePage.objects.filter(course_id=self.course_id, locale_id=self.locale_id).exclude(pk=self.pk)
        if self.course_id and others.exists():
            raise ValidationError({"course": _("This course already has a page.")})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The course as this visitor meets it."""
        from courses.presenters import course_context

        return {**super().get_context(request, *args, **kwargs), **course_context(self, request)}

    class Meta:
        verbose_name = _("course page")
        verbose_name_plural = _("course pages")


class LessonPage(BasePage):
    """A lesson: one thing taught, with a check at its end when the course has one for it."""

    activity = models.ForeignKey(
        Activity,
        models.PROTECT,
        null=True,  # a draft that was never published has none yet
        related_name="lesson_pages",
        verbose_name=_("activity"),
        editable=False,
    )
    minutes = models.PositiveSmallIntegerField(_("reading time in minutes"), default=10)
    body = StreamField(LessonStreamBlock(), verbose_name=_("body"))

    content_panels: ClassVar[list[FieldPanel]] = [
        *BasePage.content_panels,
        FieldPanel("minutes"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [*BasePage.search_fields, index.SearchField("body")]
    parent_page_types: ClassVar[list[str]] = ["courses.CoursePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "courses/lesson_page.html"

    def with_content_json(self, content: dict[str, Any]) -> LessonPage:
        """The page as a revision says; which lesson it is belongs to the page and not to the revision."""
        page: LessonPage = super().with_content_json(content)
        page.activity_id = self.activity_id
        return page

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The lesson, to whom it is open; else the course, with the reason."""
        from courses.presenters import open_lesson_or_redirect

        refusal = open_lesson_or_redirect(self, request)
        return refusal if refusal is not None else super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The lesson in its place in the course."""
        from courses.presenters import lesson_context

        return {**super().get_context(request, *args, **kwargs), **lesson_context(self, request)}

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
