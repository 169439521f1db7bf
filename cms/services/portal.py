"""The skeleton of the portal: languages, site, home, article list."""

from __future__ import annotations

from django.db import transaction
from django.utils import translation
from wagtail.models import Locale, Page, Site

from cms.models import ArticleCategory, ArticleIndexPage, HomePage, PortalSettings
from cms.services.pages import publish_page

CATEGORIES = [
    ("tin-tuc", "Tin tức", "News"),
    ("huong-dan", "Hướng dẫn", "Guidance"),
    ("canh-bao", "Cảnh báo", "Warnings"),
]
HOME = {
    "vi": {
        "title": "Học Số",
        "headline": "Học kỹ năng số, thi công bằng, chứng chỉ kiểm tra được.",
        "introduction": "Khoá học miễn phí cho cán bộ, công chức và người dân tỉnh Tây Ninh: học trên điện thoại hay "
        "máy tính, làm bài kiểm tra từng bài, nhận chứng chỉ mà ai cũng kiểm tra được.",
        "summary": "Nền tảng học, thi và cấp chứng chỉ kỹ năng số của tỉnh Tây Ninh.",
    },
    "en": {
        "title": "Học Số",
        "headline": "Learn digital skills, sit fair exams, earn certificates that anybody can check.",
        "introduction": "Free courses for the civil servants and citizens of Tây Ninh: learn on a phone or a computer, "
        "check yourself after every lesson, and receive a certificate that anybody can verify.",
        "summary": "Tây Ninh's platform for learning, examining and certifying digital skills.",
    },
}
ARTICLES = {
    "vi": ("Tin tức và hướng dẫn", "tin-tuc", "Tin mới, hướng dẫn và cảnh báo về kỹ năng số."),
    "en": ("News and guidance", "tin-tuc", "News, guidance and warnings about digital skills."),
}


@transaction.atomic
def ensure_portal(*, hostname: str = "localhost", port: int = 80) -> HomePage:
    """Make what is missing: both languages, the home pages, the article lists, categories, site. Idempotent.

    Returns the Vietnamese home page. Wagtail's sample page is removed when it is still there, untouched.
    """
    vi, _created = Locale.objects.get_or_create(language_code="vi")
    en, _created = Locale.objects.get_or_create(language_code="en")
    for order, (slug, name, name_en) in enumerate(CATEGORIES):
        ArticleCategory.objects.get_or_create(slug=slug, defaults={"name": name, "name_en": name_en, "order": order})
    home = HomePage.objects.filter(locale=vi).first()
    if home is None:
        root = Page.get_first_root_node()
        home = HomePage(slug="hoc-so", locale=vi, **HOME["vi"])
        publish_page(page=home, parent=root, changes={})
        home.refresh_from_db()
    _point_site_at(home, hostname, port)
    sample = Page.objects.filter(slug="home", depth=2, content_type__model="page").first()
    if sample is not None and not sample.get_children().exists():
        Page.objects.get(pk=sample.pk).delete()
    if home.get_translation_or_none(en) is None:
        english = home.copy_for_translation(en)
        publish_page(page=english, parent=None, changes=HOME["en"])
    for locale in (vi, en):
        parent = HomePage.objects.get(locale=locale)
        if not ArticleIndexPage.objects.filter(locale=locale).exists():
            title, slug, summary = ARTICLES[locale.language_code]
            if locale == en:
                page = ArticleIndexPage.objects.get(locale=vi).copy_for_translation(en)
                publish_page(page=page, parent=None, changes={"title": title, "summary": summary})
            else:
                page = ArticleIndexPage(title=title, slug=slug, summary=summary, locale=locale)
                publish_page(page=page, parent=parent, changes={})
    site = Site.objects.get(is_default_site=True)
    with translation.override("vi"):
        PortalSettings.objects.get_or_create(
            site=site,
            defaults={
                "operator_name": "Nền tảng học tập số Học Số",
                "operator_name_en": "Học Số learning platform",
            },
        )
    return home


def _point_site_at(home: HomePage, hostname: str, port: int) -> None:
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        Site.objects.create(hostname=hostname, port=port, root_page=home, is_default_site=True, site_name="Học Số")
    elif site.root_page_id != home.pk:
        site.root_page, site.site_name = home, "Học Số"
        site.save()
