"""What staff see of the portal in the administration."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.models import ArticleCategory


class ArticleCategoryViewSet(SnippetViewSet):
    """Categories of articles."""

    model = ArticleCategory
    icon = "tag"
    list_display = ["name", "name_en", "order"]
    menu_order = 900
    add_to_settings_menu = True


register_snippet(ArticleCategoryViewSet)
