"""YAML of strangers."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.markdown import YamlProblem, load_yaml

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_plain_data_is_read_in_nfc():
    text = "title: Hoa\u0300\nday: 2026-11-20\nlist: [1, 2.5, true, null]\nmap: {a: b}\n"
    assert load_yaml(text, source="x") == {
        "title": "Hoà",
        "day": date(2026, 11, 20),
        "list": [1, 2.5, True, None],
        "map": {"a": "b"},
    }
    assert load_yaml("", source="x") is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a:\n  b: 1\n  b: 2\n", 3),
        ("a: [1,\n", 2),
        ("a: 'x\n", 2),
        ("a: 1\nb: 2026-02-31\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: !!python/object/apply:os.system [ls]\n", 1),
        ("a: !own x\n", 1),
        ("a: &a [*a]\n", 1),
        ("a: *unknown\n", 1),
        ("? [a]\n: 1\n", 1),
        ("a: b: c\n", 1),
        ("a: &a [1]\nb: *a\n", 2),
        ("a: &a {x: 1}\nb: {<<: *a}\n", 2),
        (BOMB, 2),
        ("[" * 5000, 1),
        ("{a: " * 5000, 1),
        ("- " * 5000, 1),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(text, line):
    with pytest.raises(YamlProblem) as refused:
        load_yaml(text, source="quizzes.yaml")
    assert (refused.value.source, refused.value.line) == ("quizzes.yaml", line)
    assert "quizzes.yaml" in str(refused.value)


def test_more_than_five_megabytes_are_refused():
    line = "- " + "x" * 1021 + "\n"
    assert len(load_yaml(line * 5120, source="x")) == 5120
    with pytest.raises(YamlProblem) as refused:
        load_yaml(line * 5121, source="x")
    assert refused.value.line is None


@given(st.text(alphabet=st.sampled_from([*"a1:-[]{},&*!|>'\"#%@` \n\t?~"])) | st.text())
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(YamlProblem):
        load_yaml(text, source="x")
