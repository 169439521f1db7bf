"""What a question format is: items out of a file, one by one, and a file out of items."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, TypeAlias

from django.utils.functional import Promise

from common.exceptions import Refusal

Text: TypeAlias = str | Promise
# An HTML body names a file that came with it as <img src="media:NAME">; NAME is a key of ParsedQuestion.media.
MEDIA_SCHEME = "media:"
MOST_FILE_BYTES = 60 * 1024 * 1024


class Unreadable(Refusal):
    """The file as a whole cannot be read: what it is, where it breaks, what to do. Nothing was yielded from it."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A picture, sound or document that a question shows: its name in the question and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedQuestion:
    """One question as a file has it, in our shapes.

    `ref` says where it stands ("line 12", "item Q7"); `category` are the names from the root down; `type` and `body`
    are what `checked_body` accepts; `idnumber` is empty when the file has none (the importer then makes one from the
    content). `notes` name what the file says and we keep otherwise or not at all, a sentence each.
    """

    ref: str
    name: str
    type: str
    body: Mapping[str, Any]
    idnumber: str = ""
    category: Sequence[str] = ()
    tags: Sequence[str] = ()
    difficulty: str = ""
    nature: str = ""
    outcome: str = ""
    exam_only: bool = False
    media: Mapping[str, MediaFile] = field(default_factory=dict)
    notes: Sequence[Text] = ()
    number: str = ""
    numbered_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProblem:
    """An item that cannot be taken: where it stands, what it calls itself, and why in one sentence."""

    ref: str
    reason: Text
    name: str = ""
    type: str = ""


Item: TypeAlias = ParsedQuestion | ReadProblem


class QuestionFormat(ABC):
    """One format. Instances are stateless; each module has one as `question_format`.

    `reads` and `writes` say which direction it has. `read` streams: memory stays bounded by the largest item.
    """

    name: ClassVar[str]
    label: ClassVar[Text]
    extensions: ClassVar[tuple[str, ...]]
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True

    @abstractmethod
    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether a file that begins with `head` (its first 64 KiB) and is called `filename` is of this format."""

    @abstractmethod
    def read(self, file: IO[bytes], filename: str = "") -> Iterator[Item]:
        """The items of a seekable binary file in its order. Raises Unreadable before or between items, at the point
        where the file cannot be read any further; never anything else."""

    @abstractmethod
    def write(self, questions: Iterable[ParsedQuestion], file: IO[bytes], *, title: str = "") -> list[ReadProblem]:
        """Write what the format can say of these questions; the ones that it cannot, with the reason. `read` of the
        result gives equal questions back (refs and notes aside)."""
