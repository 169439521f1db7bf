"""Reads of the portal that more than one caller needs."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from cms.models import ArticlePage, BasePage, HomePage
from common.vietnamese import fold


def home_for(language: str) -> HomePage | None:
    """The home page in a language."""
    return HomePage.objects.live().filter(locale__language_code=language).first()


def language_url(page: BasePage, *, request: HttpRequest | None = None) -> str:
    """Address of a page in the other language; of the nearest page above it that has one; "" for none."""
    translations = page.get_translations().live().select_related("locale")
    found = next(iter(translations), None)
    if found is not None:
        return found.get_url(request) or ""
    for above in page.get_ancestors().live().order_by("-depth"):
        translation = above.get_translations().live().first()
        if translation is not None:
            return translation.get_url(request) or ""
    return ""


def latest_articles(language: str, *, limit: int = 3) -> QuerySet[ArticlePage]:
    """The newest articles in a language, featured ones first among the same day."""
    return (
        ArticlePage.objects.live()
        .filter(locale__language_code=language)
        .select_related("category", "image")
        .order_by("-date", "-featured", "-pk")[:limit]
    )


def page_urls(home: HomePage, *, request: HttpRequest | None = None) -> dict[str, str]:
    """Addresses of the pages directly below a home page, by the name of their model; one query."""
    children = home.get_children().live().select_related("content_type")
    return {page.content_type.model: page.get_url(request) for page in children}


def search_articles(text: str, *, language: str) -> QuerySet[ArticlePage]:
    """Articles that hold every word of `text`, diacritics and order aside, newest first."""
    found = ArticlePage.objects.live().filter(locale__language_code=language)
    words = fold(text).split()[:8]
    for word in words:
        found = found.filter(search_text__contains=word)
    return (found if words else found.none()).select_related("category", "image").order_by("-date", "-pk")
