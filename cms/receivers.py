"""What is published – by hand, in bulk, on schedule, by import – can be found at once."""

from __future__ import annotations

from typing import Any

from wagtail.signals import page_published

from cms.models import BasePage
from cms.services.pages import set_search_text


def page_published_anyhow(instance: Any, **kwargs: Any) -> None:
    """Keep the words of the page, with and without diacritics."""
    if isinstance(instance, BasePage):
        set_search_text(instance)
        type(instance).objects.filter(pk=instance.pk).update(search_text=instance.search_text)


def connect() -> None:
    """Listen."""
    page_published.connect(page_published_anyhow, dispatch_uid="cms.published")
