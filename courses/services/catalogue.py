"""What every installation has in its catalogue from the start."""

from __future__ import annotations

from django.db import transaction
from wagtail.models import Locale

from cms.models import HomePage
from cms.services import publish_page
from common.vietnamese import fold
from courses.models import Audience, CatalogueIndexPage, Course, SubjectField

SUBJECTS = [
    ("tin-hoc-co-ban", "Tin học cơ bản", "Basic computing"),
    ("an-toan-thong-tin", "An toàn thông tin", "Information security"),
    ("dich-vu-cong", "Dịch vụ công trực tuyến", "Online public services"),
]
AUDIENCES = [
    ("can-bo-cong-chuc", "Cán bộ, công chức, viên chức", "Civil servants"),
    ("nguoi-dan", "Người dân", "Citizens"),
    ("hoc-sinh-sinh-vien", "Học sinh, sinh viên", "Pupils and students"),
    ("nguoi-lao-dong", "Người lao động", "Workers"),
    ("can-bo-cntt", "Cán bộ công nghệ thông tin", "IT staff"),
]
PAGES = {
    "vi": ("Khoá học", "Tất cả khoá học, miễn phí, học theo nhịp của bạn."),
    "en": ("Courses", "All courses, free of charge, at your own pace."),
}


def keep_search_text(*, course: Course) -> None:
    """Have the course found by the words that it has now."""
    texts = (course.code, course.title, course.title_en, course.summary, course.summary_en, course.outcome)
    outcomes = course.outcomes.values_list("text", flat=True)
    subject = (course.subject.name, course.subject.name_en)
    course.search_text = fold(" ".join([*texts, *outcomes, *subject]))
    Course.objects.filter(pk=course.pk).exclude(search_text=course.search_text).update(search_text=course.search_text)


@transaction.atomic
def ensure_catalogue() -> CatalogueIndexPage:
    """Make the subject fields, audiences and catalogue pages that are missing. Idempotent; needs the portal."""
    for order, (slug, name, name_en) in enumerate(SUBJECTS):
        SubjectField.objects.get_or_create(slug=slug, defaults={"name": name, "name_en": name_en, "order": order})
    for order, (slug, name, name_en) in enumerate(AUDIENCES):
        Audience.objects.get_or_create(slug=slug, defaults={"name": name, "name_en": name_en, "order": order})
    vi, en = (Locale.objects.get(language_code=code) for code in ("vi", "en"))
    page = CatalogueIndexPage.objects.filter(locale=vi).first()
    if page is None:
        title, summary = PAGES["vi"]
        page = CatalogueIndexPage(title=title, slug="khoa-hoc", summary=summary, locale=vi)
        publish_page(page=page, parent=HomePage.objects.get(locale=vi), changes={})
    if page.get_translation_or_none(en) is None:
        title, summary = PAGES["en"]
        english = page.copy_for_translation(en)
        publish_page(page=english, parent=None, changes={"title": title, "summary": summary})
    return page
