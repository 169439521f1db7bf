"""Reading the folder of a pack: facts, lessons, and paths that cannot leave it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.services import FolderMedia
from common.markdown import YamlProblem, front_matter, load_yaml
from common.messages import filled
from courses.packs.parts import PackProblem

MOST_TEXT_BYTES = 5 * 1024 * 1024
NUMBER = re.compile(r"^(\d+)-")
INTRODUCTION = "introduction.md"


@dataclass
class LessonSource:
    """One lesson file: its facts, its Markdown, and where that begins."""

    path: str
    slug: str
    facts: dict[str, Any]
    text: str
    first_line: int


@dataclass
class PackSource:
    """A pack as it lies on disk. `problems` collects what is wrong while it is read."""

    root: Path
    facts: dict[str, Any] = field(default_factory=dict)
    introduction: str = ""
    lessons: list[LessonSource] = field(default_factory=list)
    problems: list[PackProblem] = field(default_factory=list)

    @classmethod
    def read(cls, root: Path) -> PackSource:
        """Read pack.yaml and the lessons of `root`; what cannot be read is in `problems`."""
        pack = cls(root=root)
        facts = pack.read_yaml("pack.yaml")
        pack.facts = facts if isinstance(facts, dict) else {}
        lessons = root / "lessons"
        pack.introduction = pack._text(INTRODUCTION, optional=True) or ""
        for path in sorted(lessons.iterdir(), key=_place) if lessons.is_dir() else []:
            if path.suffix.lower() == ".md" and not path.name.startswith("."):
                pack._read_lesson(path)
        if not pack.lessons and not pack.problems:
            pack.report("lessons", 0, _("The pack has no lessons; put them in lessons/NN-slug.md."))
        return pack

    @property
    def slug(self) -> str:
        """The course's slug."""
        return str(self.facts.get("slug", ""))

    def media(self, *, source: str) -> FolderMedia:
        """The pack's media; errors name `source`."""
        return FolderMedia(self.root, source=source)

    def report(self, source: str, line: int, message: Any) -> None:
        """Add a problem."""
        self.problems.append(PackProblem(source, line, message))

    def files(self, folder: str, suffix: str) -> list[str]:
        """Relative paths of the files in a folder of the pack, in order."""
        place = self.root / folder
        names = [path.name for path in place.glob(f"*{suffix}")] if place.is_dir() else []
        return sorted(f"{folder}/{name}" for name in names if not name.startswith("."))

    def read_yaml(self, relative: str, *, optional: bool = False) -> Any:
        """The data of a YAML file; None and a problem when it cannot be read."""
        text = self._text(relative, optional=optional)
        if text is None:
            return None
        try:
            return load_yaml(text, source=relative)
        except YamlProblem as problem:
            self.report(relative, problem.line or 0, _said(problem))
            return None

    def _text(self, relative: str, *, optional: bool = False) -> str | None:
        pure = PurePosixPath(relative)
        path = self.root / pure
        if ".." in pure.parts or not path.resolve().is_relative_to(self.root.resolve()):
            self.report(relative, 0, _("The path leaves the pack."))
            return None
        if not path.is_file():
            if not optional:
                self.report(relative, 0, _("The file is missing."))
            return None
        if path.stat().st_size > MOST_TEXT_BYTES:
            self.report(relative, 0, _("The file is larger than 5 MB."))
            return None
        try:
            return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as problem:
            self.report(relative, 0, filled(_("The file is not UTF-8 (byte %(byte)d)."), {"byte": problem.start}))
            return None

    def _read_lesson(self, path: Path) -> None:
        relative = f"lessons/{path.name}"
        text = self._text(relative)
        if text is None:
            return
        try:
            facts, body = front_matter(text)
        except YamlProblem as problem:
            self.report(relative, problem.line or 0, _said(problem))
            return
        slug = NUMBER.sub("", path.stem)
        first_line = text.count("\n") - body.count("\n") + 1
        self.lessons.append(LessonSource(relative, slug, facts, body, first_line))


def _place(path: Path) -> tuple[int, str]:
    """Lessons stand by their number, so that 100 comes after 99; those without one follow by name."""
    number = NUMBER.match(path.name)
    return (int(number[1]) if number else 1_000_000, path.name)


def _said(problem: YamlProblem) -> str | Promise:
    """What is wrong; what the YAML reader itself says is English and stands behind our own sentence."""
    if isinstance(problem.reason, Promise):
        return problem.reason
    return filled(_("this is not valid YAML (%(detail)s)."), {"detail": problem.reason})
