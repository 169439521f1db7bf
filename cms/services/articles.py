"""Bringing articles in from Markdown files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from cms.exceptions import InvalidContent, Problem
from cms.models import ArticleCategory, ArticleIndexPage, ArticlePage
from cms.services.pages import publish_page
from cms.streamtext import FolderMedia, parse_blocks
from common.markdown import YamlProblem, front_matter
from common.messages import filled

REQUIRED = ("title", "slug", "category", "author", "date", "summary")


@transaction.atomic
def import_articles(*, folder: Path, by: Any = None) -> int:
    """Make or update every article of `folder/*.md`; `x.en.md` is the English version of `x.md`. Idempotent.

    Returns how many pages changed. Raises InvalidContent with every problem of every file; nothing is changed then.
    """
    problems: list[Problem] = []
    changed = 0
    paths = sorted(folder.glob("*.md"), key=lambda path: (path.name.endswith(".en.md"), path.name))
    for path in paths:
        try:
            changed += _import_article(path, FolderMedia(folder, source=path.name), by=by)
        except InvalidContent as problem:
            problems += problem.problems
    if problems:
        raise InvalidContent(problems)
    return changed


def _import_article(path: Path, media: FolderMedia, *, by: Any) -> bool:
    try:
        whole = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        facts, text = front_matter(whole)
    except UnicodeDecodeError:
        raise InvalidContent([Problem(path.name, 0, _("The file is not UTF-8."))]) from None
    except YamlProblem as problem:
        raise InvalidContent([Problem(path.name, problem.line or 0, problem.reason)]) from None
    missing = [key for key in REQUIRED if not facts.get(key)]
    if missing:
        raise InvalidContent(
            [Problem(path.name, 1, filled(_("“%(key)s” is missing."), {"key": key})) for key in missing]
        )
    category = ArticleCategory.objects.filter(slug=facts["category"]).first()
    if category is None or not isinstance(facts["date"], date):
        raise InvalidContent([Problem(path.name, 1, _("“category” or “date” is not known."))])
    offset = whole.count("\n") - text.count("\n") + 1
    body = parse_blocks(text, media=media, source=path.name, first_line=offset)
    changes = {
        "title": facts["title"],
        "summary": facts["summary"],
        "category": category,
        "author": facts["author"],
        "date": facts["date"],
        "featured": bool(facts.get("featured")),
        "image_id": media.image(facts["image"]) if facts.get("image") else None,
        "image_alt": facts.get("image_alt") or "",
        "image_caption": facts.get("image_caption") or "",
        "body": body,
    }
    language = "en" if path.name.endswith(".en.md") else "vi"
    locale = Locale.objects.get(language_code=language)
    page = ArticlePage.objects.filter(locale=locale, slug=facts["slug"]).first()
    if page is not None:
        return publish_page(page=page, parent=None, changes=changes, by=by)
    original = ArticlePage.objects.filter(locale__language_code="vi", slug=facts["slug"]).first()
    if language == "en" and original is not None:
        page = original.copy_for_translation(locale)
        return publish_page(page=page, parent=None, changes=changes, by=by)
    parent = ArticleIndexPage.objects.get(locale=locale)
    page = ArticlePage(slug=facts["slug"], locale=locale, title=facts["title"], category=category, date=facts["date"])
    return publish_page(page=page, parent=parent, changes=changes, by=by)
