"""Markdown into HTML and exactly back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.html import clean_html
from common.markdown import CannotSayInMarkdown, YamlProblem, from_html, front_matter, inline_html, to_html
from common.vietnamese import nfc


@pytest.mark.parametrize(
    ("md", "html"),
    [
        ("# A\n\n## B\n\n##### C", "<h2>A</h2>\n<h2>B</h2>\n<h4>C</h4>"),
        ("a **b** *c* `d`", "<p>a <strong>b</strong> <em>c</em> <code>d</code></p>"),
        ("- a\n- b\n  1. c", "<ul>\n<li>a</li>\n<li>b\n<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("```py\nx < 1\n```", "<pre><code>x &lt; 1\n</code></pre>"),
        ("<b>a</b> <script>", "<p>&lt;b&gt;a&lt;/b&gt; &lt;script&gt;</p>"),
        ("[a](https://x.vn)", '<p><a href="https://x.vn" rel="noopener noreferrer">a</a></p>'),
        ("[a](javascript:x)", "<p>[a](javascript:x)</p>"),
        ("![một *hai*](a.png)", "<p>một hai</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes_clean_html(md, html):
    assert to_html(md) == html


def test_tables_become_tables():
    html = to_html("| a | b |\n|---|:-:|\n| 1 | 2 |")
    assert "<th>a</th>" in html
    assert "<td>2</td>" in html
    assert "style" not in html


def test_pictures_are_made_only_where_they_are_allowed():
    assert to_html('![Ảnh](m/a.svg "T")', allow_media=True) == '<p><img src="m/a.svg" alt="Ảnh" title="T"></p>'


@pytest.mark.parametrize(
    ("md", "html"),
    [
        ("a *b*", "a <em>b</em>"),
        ("a\n\nb", "<p>a</p>\n<p>b</p>"),
        ("- a", "<ul>\n<li>a</li>\n</ul>"),
        ("", ""),
        ("a\n\n- b\n\nc", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n<p>c</p>"),
    ],
)
def test_a_single_paragraph_comes_without_its_tag(md, html):
    assert inline_html(md) == html


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("*a* *b*", "*a b*"),
        ("**a**__b__", "**ab**"),
        ("[**a**](x)", "**[a](x)**"),
        ("*a&#32;*", "*a&#32;*"),
        ("a   b\n c", "a b\nc"),
        ("a\n\n&#32;\n\nb", "a\n\nb"),
        ("e\u0302\u0323", "ệ"),
        ("***a** b*", "*__a__ b*"),
    ],
)
def test_what_looks_the_same_is_the_same_html(one, other):
    assert to_html(one) == to_html(other)


@pytest.mark.parametrize(
    "md",
    [
        "Trong **Excel**, hàm `=SUM(A1:A3)` cộng ba ô.",
        "## Bước 1\n\nMở *Cài đặt* → **Bảo mật**.\n\n- Một\n- Hai\n  - Hai rưỡi\n\n1. Đầu\n2. Sau",
        "| Dấu hiệu | Ví dụ |\n| --- | --- |\n| Lỗi chính tả | `a\\|b` |",
        "> Ghi nhớ: 2 \\* 3 = 6, snake_case, a < b & c",
        '[Cổng](https://dichvucong.gov.vn/p/home?a=1&b=2 "Dịch vụ công") và ![x](a.svg)',
        "```\nline\n\n    indented\n```",
        "Dòng một\\\ndòng hai",
        "- a\n\n  b\n\n- c",
    ],
)
def test_markdown_people_write_comes_back_as_they_wrote_it(md):
    assert from_html(to_html(md, allow_media=True)) == md


# What Markdown is made of, and what is easily lost on the way.
PIECES = [
    *("**", "__", "***", "\n\n", "- ", "  ", "    ", "> ", "1. ", "2) ", "```\n", "\n- ", "\n  ", "\n# ", "---\n"),
    *(
        "Đà ",
        "\u0301",
        "\u0338",
        "\u00a0",
        "&nbsp;",
        "&#32;",
        "&amp;",
        "&copy;",
        "\u200b",
        "&#10;",
        "&#42;",
        "😀",
        "。",
    ),
    *("[x](y)", "![i](m.png)", "<http://x.vn>", "| a | b |\n|---|---|\n", "| c |\n", "a", "b c", '(y "t")'),
    *("[q]: /u\n", "  \n", "\\\n", "\n\n    "),
    *"*_`[]()!<>&#-+=~|:.\\\"'\n \t1",
]
pieces = st.sampled_from(PIECES)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(pieces, max_size=30).map("".join), st.booleans())
def test_all_html_that_markdown_makes_goes_back_exactly(md, allow_media):
    html = to_html(md, allow_media=allow_media)
    assert to_html(from_html(html), allow_media=allow_media) == html
    inline = inline_html(md, allow_media=allow_media)
    assert inline in (
        inline_html(from_html(inline), allow_media=allow_media),
        to_html(from_html(inline), allow_media=allow_media),
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(pieces, max_size=30).map("".join))
def test_made_html_is_clean_and_in_nfc(md):
    html = to_html(md)
    assert clean_html(html) == html
    assert nfc(html) == html


@given(st.text())
def test_any_text_is_taken(text):
    assert isinstance(from_html(to_html(text)), str)


@pytest.mark.parametrize(
    "html",
    [
        "<p>H<sub>2</sub>O</p>",
        "<p>a</p><p>b</p>",
        "<p><u>a</u></p>",
        '<p><span lang="en">a</span></p>',
        '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>',
        "<p>a</p",
        "<p><strong>a</p></strong>",
        "<ul>a</ul>",
        "<p>a  b</p>",
        '<a href="x">a</a>',
        "<ol start='x'><li>a</li></ol>",
        "<pre>a</pre>",
        "<table></table>",
        "<li>a</li>",
        "a<p>b</p>",
    ],
)
def test_html_that_markdown_cannot_say_is_refused(html):
    with pytest.raises(CannotSayInMarkdown):
        from_html(html)


@given(st.text(alphabet=st.sampled_from([*"<>/=\"' \nabpemltrd&;1"])) | st.text())
def test_from_html_gives_exactly_its_html_or_refuses(html):
    try:
        md = from_html(html)
    except CannotSayInMarkdown:
        return
    assert html in (to_html(md, allow_media=True), inline_html(md, allow_media=True))


def test_front_matter_is_read_and_the_text_after_it_is_kept():
    facts, text = front_matter("---\r\ntitle: Một\nminutes: 12\n---\n\nBài *học*\n---\nhết\n")
    assert facts == {"title": "Một", "minutes": 12}
    assert text == "\nBài *học*\n---\nhết\n"
    assert front_matter("---\n---\na") == ({}, "a")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("title: a", 1),
        ("", 1),
        ("---\ntitle: a", 1),
        ("---\na: 1\nb: [\n---\n", 4),
        ("---\na: 1\nb: 2\na: 3\n---\n", 4),
        ("---\n- a\n---\n", 2),
    ],
)
def test_wrong_front_matter_is_refused_with_its_line(text, line):
    with pytest.raises(YamlProblem) as refused:
        front_matter(text, source="lessons/01.md")
    assert refused.value.line == line
    assert "lessons/01.md" in str(refused.value)
