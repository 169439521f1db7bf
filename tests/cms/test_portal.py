"""The portal: both languages, articles, readings, and text blocks that lose nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from wagtail.models import Page, Revision

from cms.exceptions import InvalidContent
from cms.models import ArticlePage, ArticleViews
from cms.services import ensure_portal, import_articles
from cms.streamtext import FolderMedia, parse_blocks, write_blocks
from tests.factories import make_officer, make_portal, make_unit

pytestmark = pytest.mark.django_db
ARTICLE = """---
title: Bật xác thực hai lớp
slug: bat-hai-lop
category: huong-dan
author: Ban biên tập
date: 2026-11-20
summary: Ba phút để thêm một lớp khoá.
---
Chữ **đậm**.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_portal()
    (tmp_path / "bat-hai-lop.md").write_text(ARTICLE)
    (tmp_path / "bat-hai-lop.en.md").write_text(ARTICLE.replace("Bật xác thực hai lớp", "Switch on two steps"))
    return tmp_path


def test_the_portal_is_made_once() -> None:
    make_portal()
    before = (Page.objects.count(), Revision.objects.count())
    ensure_portal()
    assert (Page.objects.count(), Revision.objects.count()) == before


def test_articles_come_in_both_languages_and_twice_changes_nothing(folder: Path, client: Any) -> None:
    assert import_articles(folder=folder) == 2
    assert import_articles(folder=folder) == 0
    assert "Bật xác thực hai lớp" in client.get("/tin-tuc/").content.decode()
    assert "Switch on two steps" in client.get("/en/tin-tuc/bat-hai-lop/").content.decode()
    assert "Bật xác thực" in client.get("/tim-kiem/?q=xac+thuc+bat").content.decode()


def test_readers_are_counted_and_crawlers_are_not(folder: Path, client: Any) -> None:
    import_articles(folder=folder)
    article = ArticlePage.objects.get(locale__language_code="vi")
    revision = article.latest_revision_id
    for agent in ("Mozilla/5.0", "Mozilla/5.0", "Googlebot/2.1", ""):
        client.get("/tin-tuc/bat-hai-lop/", HTTP_USER_AGENT=agent)
    assert ArticleViews.objects.get(article=article).count == 2
    article.refresh_from_db()
    assert article.latest_revision_id == revision


@pytest.mark.parametrize(
    "change",
    [("category: huong-dan", "category: khong"), ("title: ", "tieu_de: "), ("date: 2026-11-20", "date: hôm nay")],
)
def test_a_wrong_article_is_named_and_nothing_is_taken(folder: Path, change: tuple[str, str]) -> None:
    (folder / "xau.md").write_text(ARTICLE.replace(*change).replace("bat-hai-lop", "xau"))
    with pytest.raises(InvalidContent, match=r"xau\.md"):
        import_articles(folder=folder)
    assert not ArticlePage.objects.exists()


def test_blocks_go_to_text_and_back(tmp_path: Path) -> None:
    text = """Mở đầu **đậm**.

::: text
Đoạn riêng.
:::

::: steps {title: "Làm"}
1. Một `mã`.
2. Hai *nghiêng*.
:::

::: callout {kind: tip, title: "Nhớ"}
Chữ.

- a
- b
:::

::: table {caption: "Bảng: 1", header: both}
| a | b \\| c |
|---|---|
| **d** | e |
:::
"""
    media = FolderMedia(tmp_path)
    raw = parse_blocks(text, media=media, source="x.md")
    assert [block["type"] for block in raw] == ["text", "text", "steps", "callout", "table"]
    assert parse_blocks(write_blocks(raw, media=media), media=media, source="x.md") == raw


def test_home_opens_in_both_languages_and_errors_are_pages(client: Any) -> None:
    make_portal()
    assert "Tôi là cán bộ, công chức" in client.get("/").content.decode()
    assert "I am a civil servant" in client.get("/en/").content.decode()
    missing = client.get("/khong-co/")
    assert missing.status_code == 404
    assert "Không có gì ở địa chỉ này" in missing.content.decode()


def test_pages_forbid_foreign_and_inline_scripts(client: Any) -> None:
    make_portal()
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_the_authors_bar_stands_on_pages_that_they_edit_and_nowhere_else(client: Any) -> None:
    make_portal()
    officer = make_officer(make_unit(name="Tỉnh"), "instructor")
    client.force_login(officer)
    assert "wagtail-userbar" in client.get("/").content.decode()
    assert "wagtail-userbar" not in client.get("/hoc/").content.decode()
