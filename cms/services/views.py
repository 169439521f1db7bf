"""Counting how often an article is read."""

from __future__ import annotations

from django.db.models import F

from cms.models import ArticlePage, ArticleViews


def count_view(*, article: ArticlePage) -> None:
    """One more reader: one statement, and one more the first time."""
    if not ArticleViews.objects.filter(article=article).update(count=F("count") + 1):
        ArticleViews.objects.get_or_create(article=article, defaults={"count": 1})
