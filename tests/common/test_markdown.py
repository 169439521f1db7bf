"""Markdown and HTML say the same, both ways; YAML cannot hurt."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.html import clean_html, plain_text
from common.markdown import CannotSayInMarkdown, YamlProblem, from_html, front_matter, inline_html, load_yaml, to_html

TEXTS = [
    "a **b** *c* `d`\n\n- x\n- y\n\n1. q\n2. r",
    "## Đề mục\n\nchữ [liên kết](https://a.vn/x?y=1&z=2) \\* 5 < 6 & 7",
    "| a | b |\n|---|---|\n| c | d |",
    "> trích\n\n```\nmã <x>\n```",
    "A_B_C * d # e 1. f + g - h",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_markdown_made_is_written_as_markdown_that_makes_it_again(text: str) -> None:
    html = to_html(text)
    assert to_html(from_html(html)) == html


@settings(max_examples=200)
@given(st.text(alphabet="ab ệ*_`#->[]()!|\\<&\n1.", max_size=60))
def test_writing_markdown_never_loses_anything_silently(text: str) -> None:
    html = to_html(text)
    with contextlib.suppress(CannotSayInMarkdown):
        assert html in (to_html(from_html(html)), inline_html(from_html(html)))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<p style="position:fixed" onclick="x()">y</p>',
        "<iframe src='https://e.vn'></iframe>",
        "<svg><script>alert(1)</script></svg>",
    ],
)
def test_nothing_that_runs_survives_cleaning(hostile: str) -> None:
    cleaned = clean_html(hostile, allow_media=True).lower()
    for sign in ("script", "onerror", "onclick", "javascript", "iframe", "style"):
        assert sign not in cleaned


def test_html_in_markdown_is_shown_and_not_run() -> None:
    assert "<script>" not in to_html("<script>alert(1)</script>")
    assert plain_text("<p>Một</p><p>hai &amp; ba</p>") == "Một hai & ba"


def test_yaml_with_a_repeated_key_names_the_line() -> None:
    with pytest.raises(YamlProblem) as problem:
        load_yaml("a: 1\nb: 2\na: 3\n", source="x.yaml")
    assert problem.value.line == 3


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x", "a: [", "!!python/object/apply:os.system ['ls']", "a: {b: {c: ]"])
def test_yaml_that_is_wrong_or_dangerous_is_refused(text: str) -> None:
    with pytest.raises(YamlProblem):
        load_yaml(text, source="x.yaml")


def test_front_matter_needs_both_its_lines() -> None:
    assert front_matter("---\ntitle: Một\n---\nchữ\n") == ({"title": "Một"}, "chữ\n")
    for text in ("title: x\n", "---\ntitle: x\n", "---\n- a\n---\n"):
        with pytest.raises(YamlProblem):
            front_matter(text)
