"""What every page of the portal shares."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index


class BasePage(Page):
    """A page with a summary, a picture for cards and sharing, and a search text without diacritics.

    `search_text` is the folded title and text, kept by the services that write pages; database search on
    SQLite and PostgreSQL alike looks there, so that "hoa" finds "Hoà".
    """

    summary = models.TextField(_("summary"), max_length=500, blank=True)
    image = models.ForeignKey(
        "wagtailimages.Image",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    image_alt = models.CharField(
        _("alternative text"), max_length=300, blank=True, help_text=_("What the picture shows.")
    )
    search_text = models.TextField(blank=True, editable=False)

    content_panels: ClassVar[list[FieldPanel]] = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("image"),
        FieldPanel("image_alt"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [*Page.search_fields, index.SearchField("summary")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What the layout asks: where the other language is, and the language that the text is really in."""
        from cms.queries import language_url

        return {
            **super().get_context(request, *args, **kwargs),
            "language_url": language_url(self, request=request),
            "content_language": "vi" if self.alias_of_id else self.locale.language_code,
        }

    class Meta:
        abstract = True
