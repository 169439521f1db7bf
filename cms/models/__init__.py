"""The portal: base page, home, articles, site settings."""

from cms.models.articles import ArticleCategory, ArticleIndexPage, ArticlePage, ArticleViews
from cms.models.base import BasePage
from cms.models.home import HomePage
from cms.models.settings import PortalSettings

__all__ = [
    "ArticleCategory",
    "ArticleIndexPage",
    "ArticlePage",
    "ArticleViews",
    "BasePage",
    "HomePage",
    "PortalSettings",
]
