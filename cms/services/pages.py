"""Writing pages: only what changed makes a new revision."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail.blocks import StreamValue
from wagtail.models import Locale, Page

from cms.models import BasePage
from common.html import plain_text
from common.vietnamese import fold


def raw_stream(value: StreamValue) -> list[dict[str, Any]]:
    """Stored form of a stream, in the one shape that comparisons and exports use."""
    prepared: list[dict[str, Any]] = value.stream_block.get_prep_value(value)
    return prepared


def same_stream(value: StreamValue, raw: list[dict[str, Any]]) -> bool:
    """Whether a stream already says what `raw` says, ids aside."""
    wanted = raw_stream(StreamValue(value.stream_block, raw, is_lazy=True))
    return bool(_without_ids(raw_stream(value)) == _without_ids(wanted))


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        is_block = "type" in value and "value" in value
        return {key: _without_ids(item) for key, item in value.items() if not (is_block and key == "id")}
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    return value


def set_search_text(page: BasePage) -> None:
    """Fold everything that a reader could search for into `search_text`."""
    texts = [page.title, page.summary]
    for field in page._meta.get_fields():
        value = getattr(page, field.name, None) if field.concrete else None
        if isinstance(value, StreamValue):
            texts += _strings(raw_stream(value))
    page.search_text = fold(" ".join(texts))[:200_000]


def _strings(raw: Any) -> list[str]:
    """Every text in raw stream data, tags stripped."""
    if isinstance(raw, dict):
        is_block = "type" in raw and "value" in raw
        inner = [raw["value"]] if is_block else list(raw.values())
        return [text for item in inner for text in _strings(item)]
    if isinstance(raw, list):
        return [text for item in raw for text in _strings(item)]
    return [plain_text(raw)] if isinstance(raw, str) else []


@transaction.atomic
def publish_page(*, page: BasePage, parent: Page | None, changes: dict[str, Any], by: Any = None) -> bool:
    """Make (below `parent`) or update a page with `changes` and publish it; False when nothing changed.

    Stream fields are given as raw data. Only a change makes a revision, so publishing the same twice leaves one.
    """
    changed = page.pk is None or not page.live
    for name, value in changes.items():
        current = getattr(page, name)
        if isinstance(current, StreamValue):
            if same_stream(current, value):
                continue
            value = StreamValue(current.stream_block, value, is_lazy=True)
        elif current == value:
            continue
        setattr(page, name, value)
        changed = True
    if not changed:
        return False
    set_search_text(page)
    if page.pk is None:
        assert parent is not None
        page.live = False
        type(parent).objects.get(pk=parent.pk).add_child(instance=page)
    page.save_revision(user=by, changed=True).publish(user=by)
    return True


def sync_alias(*, page: Page, language: str) -> Page:
    """The page in the other language's tree: its translation, or an alias that follows it."""
    locale = Locale.objects.get(language_code=language)
    existing = page.get_translation_or_none(locale)
    if existing is not None:
        return existing
    published = type(page).objects.get(pk=page.pk)  # what is in memory may be from before publishing
    alias: Page = published.copy_for_translation(locale, alias=True)
    return alias
