"""Cleaning HTML and reading it as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.html import clean_html, plain_text

LESSON = (
    "<h2>Mật khẩu</h2><p>Dùng <strong>12 ký tự</strong>, <em>không</em> <b>dùng</b> <i>ngày</i> <u>sinh</u>"
    " <s>cũ</s> H<sub>2</sub>O x<sup>2</sup> <code>a &lt; b</code><br>dòng</p>"
    '<ul><li>một</li></ul><ol start="3"><li>ba</li></ol><blockquote><p>lời</p></blockquote><pre>mã</pre><hr>'
    '<table><caption>B</caption><thead><tr><th scope="col" colspan="2">A</th></tr></thead>'
    '<tbody><tr><td rowspan="2">1</td></tr></tbody></table><span lang="en">phishing</span>'
)


def test_what_lessons_are_made_of_stays():
    assert clean_html(LESSON) == LESSON


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<script>alert(1)</script>a", "a"),
        ("<style>p{}</style>a", "a"),
        ('<p onclick="x()" style="color:red" class="y" id="z">a</p>', "<p>a</p>"),
        ("<img src=x onerror=alert(1)>a", "a"),
        ('<iframe src="https://x.vn">b</iframe>a', "a"),
        ("<svg><script>alert(1)</script></svg>a", "a"),
        ("<!-- c -->a", "a"),
        ("<h1>a</h1><div>b</div>", "ab"),
        ('<a href="javascript:alert(1)">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<a href="java\tscript:alert(1)">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<a href="data:text/html,x">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ("<b>a", "<b>a</b>"),
        ('<p title="x" lang="en">a</p>', '<p lang="en">a</p>'),
        ("a < b & c", "a &lt; b &amp; c"),
    ],
)
def test_what_runs_styles_or_frames_goes(dirty, clean):
    assert clean_html(dirty) == clean


@pytest.mark.parametrize(
    "url", ["https://x.vn/?a=1", "http://x.vn", "mailto:a@x.vn", "tel:1900", "/hoc/", "#muc", "x.html"]
)
def test_links_out_open_safely(url):
    assert clean_html(f'<a href="{url}" target="_blank">a</a>') == f'<a href="{url}" rel="noopener noreferrer">a</a>'


def test_pictures_stay_only_where_they_are_allowed():
    picture = '<img src="/media/a.png" alt="Ảnh" width="10" height="5">'
    assert clean_html(picture) == ""
    assert clean_html(picture, allow_media=True) == picture
    assert "src" not in clean_html('<img src="data:image/svg+xml,x" alt="">', allow_media=True)


@given(st.text())
def test_cleaning_twice_changes_nothing_and_no_tag_is_left_open_to_run(text):
    for allow_media in (False, True):
        once = clean_html(text, allow_media=allow_media)
        assert clean_html(once, allow_media=allow_media) == once
        assert "<script" not in once.lower()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Một</p><p>hai</p>", "Một hai"),
        ("<ul><li>a</li><li>b</li></ul>", "a b"),
        ("a<br>b<hr>c", "a b c"),
        ("mật <b>kh</b>ẩu", "mật khẩu"),
        ("1 &lt; 2 &amp;amp; &nbsp; 3", "1 < 2 &amp; 3"),
        ("<script>x</script>a<style>y</style>", "a"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ('<a title="a>b" href="x">c</a>', "c"),
        ("  chữ \n thường ", "chữ thường"),
        ("a < b", "a < b"),
    ],
)
def test_plain_text_is_what_one_would_read_aloud(html, text):
    assert plain_text(html) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_escaped_text_reads_as_itself(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain_text(f"<p>{escaped}</p>") == " ".join(text.split())
