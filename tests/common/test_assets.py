"""The built style sheet is current, small, and readable in light and dark."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAIRS = [
    ("ink", "paper"),
    ("ink", "ground"),
    ("soft", "paper"),
    ("soft", "ground"),
    ("green-ink", "paper"),
    ("green-ink", "green-wash"),
    ("on-green", "green"),
    ("amber", "paper"),
    ("red", "paper"),
    ("red", "ground"),
    ("blue", "paper"),
    ("blue", "ground"),
    ("ink", "amber-wash"),
    ("ink", "red-wash"),
]


def test_dist_was_built_from_these_sources() -> None:
    digest = hashlib.sha256()
    names = [f"static/src/{path.name}" for path in (ROOT / "static/src").iterdir()] + ["package-lock.json"]
    for name in sorted(names):
        digest.update((ROOT / name).read_bytes())
    built = json.loads((ROOT / "static/dist/build.json").read_text())["sources"]
    assert built == digest.hexdigest(), "run: make assets"


def test_the_style_sheet_is_small() -> None:
    assert len(gzip.compress((ROOT / "static/dist/hocso.css").read_bytes())) <= 40 * 1024


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_has_enough_contrast(mode: int, text: str, ground: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", (ROOT / "static/src/_tokens.scss").read_text(), re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[mode]))
    light, dark = sorted([luminance(colours[text]), luminance(colours[ground])], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
