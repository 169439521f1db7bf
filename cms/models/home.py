"""The home page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from cms.models.base import BasePage


class HomePage(BasePage):
    """The front door: one sentence, a search field, three doors, what is new, figures that are real."""

    headline = models.CharField(_("headline"), max_length=200)
    introduction = models.TextField(_("introduction"), max_length=600, blank=True)

    content_panels: ClassVar[list[FieldPanel]] = [
        *BasePage.content_panels,
        FieldPanel("headline"),
        FieldPanel("introduction"),
    ]
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["cms.ArticleIndexPage", "courses.CatalogueIndexPage"]
    template = "cms/home_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Articles and the addresses that the page links to."""
        from cms.queries import latest_articles, page_urls

        language = self.locale.language_code
        urls = page_urls(self, request=request)
        return {
            **super().get_context(request, *args, **kwargs),
            "articles": latest_articles(language),
            "articles_url": urls.get("articleindexpage", "#"),
            "catalogue_url": urls.get("catalogueindexpage", "#"),
        }

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")
