"""What staff see of the portal in the administration."""

from __future__ import annotations

from django.http import HttpRequest
from wagtail import hooks
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.models import ArticleCategory, BasePage
from cms.services.pages import set_search_text


@hooks.register("after_publish_page")
def keep_search_text(request: HttpRequest, page: Page) -> None:
    """What was published can be found at once, with or without diacritics."""
    specific = page.specific
    if isinstance(specific, BasePage):
        set_search_text(specific)
        type(specific).objects.filter(pk=specific.pk).update(search_text=specific.search_text)


class ArticleCategoryViewSet(SnippetViewSet):
    """Categories of articles."""

    model = ArticleCategory
    icon = "tag"
    list_display = ["name", "name_en", "order"]
    menu_order = 900
    add_to_settings_menu = True


register_snippet(ArticleCategoryViewSet)
