"""News and guidance."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from cms.blocks import ContentStreamBlock
from cms.models.base import BasePage

CRAWLERS = ("bot", "crawl", "spider", "slurp", "preview")


def is_crawler(request: HttpRequest) -> bool:
    """Whether the visitor says that it is a program."""
    agent = request.headers.get("User-Agent", "").lower()
    return not agent or any(word in agent for word in CRAWLERS)


class ArticleCategory(models.Model):
    """A kind of article: news, guidance, warning."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("article category")
        verbose_name_plural = _("article categories")
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name


class ArticleIndexPage(BasePage):
    """All articles, newest first, in pages, by category."""

    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["cms.ArticlePage"]
    max_count_per_parent = 1
    template = "cms/article_index_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One page of articles, of one category when asked."""
        articles = (
            ArticlePage.objects.child_of(self)
            .live()
            .select_related("category", "image", "locale")
            .order_by("-date", "-pk")
        )
        category = request.GET.get("category", "")
        if category:
            articles = articles.filter(category__slug=category)
        return {
            **super().get_context(request, *args, **kwargs),
            "articles": Paginator(articles, 12).get_page(request.GET.get("page")),
            "categories": ArticleCategory.objects.all(),
            "category": category,
        }

    class Meta:
        verbose_name = _("article list")
        verbose_name_plural = _("article lists")


class ArticlePage(BasePage):
    """One article."""

    category = models.ForeignKey(ArticleCategory, models.PROTECT, related_name="articles", verbose_name=_("category"))
    author = models.CharField(_("author"), max_length=120)
    date = models.DateField(_("date"))
    image_caption = models.CharField(_("caption"), max_length=300, blank=True)
    featured = models.BooleanField(_("featured"), default=False)
    body = StreamField(ContentStreamBlock(), verbose_name=_("body"))

    content_panels: ClassVar[list[FieldPanel]] = [
        *BasePage.content_panels,
        FieldPanel("image_caption"),
        FieldPanel("category"),
        FieldPanel("author"),
        FieldPanel("date"),
        FieldPanel("featured"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        index.SearchField("body"),
        index.FilterField("date"),
        index.FilterField("category_id"),
    ]
    parent_page_types: ClassVar[list[str]] = ["cms.ArticleIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/article_page.html"

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The article; a reader is counted, a crawler and a preview are not."""
        from cms.services import count_view

        response: HttpResponse = super().serve(request, *args, **kwargs)
        if request.method == "GET" and not getattr(request, "is_preview", False) and not is_crawler(request):
            count_view(article=self)
        return response

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """How often it was read."""
        views = ArticleViews.objects.filter(article_id=self.pk).values_list("count", flat=True).first()
        return {**super().get_context(request, *args, **kwargs), "views": views or 0}

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes = [models.Index(fields=["-date"], name="article_date")]


class ArticleViews(models.Model):
    """How often an article was read; a table of its own, so that counting never touches the page."""

    article = models.OneToOneField(ArticlePage, models.CASCADE, related_name="views", primary_key=True)
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.article_id}: {self.count}"
