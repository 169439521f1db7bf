"""Where the pictures and files of a content folder come from and go to."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import warnings
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image as PillowImage
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from willow.image import Image as WillowImage
from willow.image import SvgImageFile

from cms.exceptions import InvalidContent, Problem
from common.files import FileTypeMismatch, UnsafeSvg, clean_svg, sniff_type
from common.messages import filled

IMAGE_TYPES = {"svg", "png", "jpeg", "webp", "gif"}
DOCUMENT_TYPES = {"pdf", "mp4", "webm", "vtt", "xlsx", "docx", "pptx", "csv", "txt", "zip"}
MOST_BYTES = 50 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_NAME_BYTES = 255


class MediaStore(Protocol):
    """Turns `media/x.svg` into the id of an image or document, and back."""

    def image(self, source: str) -> int: ...

    def document(self, source: str) -> int: ...

    def image_source(self, pk: int) -> str: ...

    def document_source(self, pk: int) -> str: ...


class FolderMedia:
    """Media of one folder on disk: read into the library on import, written beside the text on export.

    The same bytes are stored once: images and documents are found by their digest. Raises InvalidContent for a
    path that leaves the folder, a missing file, one that is too large, or one that is not what its name says.
    """

    def __init__(self, root: Path, *, source: str = "") -> None:
        self.root = root
        self.source = source
        self._names: dict[tuple[str, int], str] = {}

    # Reading

    def image(self, source: str) -> int:
        """Id of the image at `source`."""
        data, kind = self._checked(source, IMAGE_TYPES)
        return store_image(data, name=PurePosixPath(source).name, kind=kind).pk

    def document(self, source: str) -> int:
        """Id of the document at `source`."""
        data, _kind = self._checked(source, DOCUMENT_TYPES | IMAGE_TYPES)
        return store_document(data, name=PurePosixPath(source).name).pk

    def check(self, source: str, *, image: bool) -> None:
        """Raise InvalidContent unless the file could be taken; stores nothing."""
        self._checked(source, IMAGE_TYPES if image else DOCUMENT_TYPES | IMAGE_TYPES)

    def picture(self, source: str) -> bytes:
        """The bytes of the picture at `source`, an SVG cleaned; stores nothing."""
        return self._checked(source, IMAGE_TYPES)[0]

    def _checked(self, source: str, allowed: set[str]) -> tuple[bytes, str]:
        path = self._inside(source)
        if not path.is_file():
            raise self._refuse(source, _("the file is missing."))
        if path.stat().st_size > MOST_BYTES:
            raise self._refuse(source, _("the file is larger than 50 MB."))
        data = path.read_bytes()
        try:
            kind = sniff_type(data, PurePosixPath(source).name)
            if kind not in allowed:
                raise self._refuse(source, _("files of this type cannot be used here."))
            if kind == "svg":
                data = _harmless_svg(data)
        except (FileTypeMismatch, UnsafeSvg) as problem:
            raise self._refuse(source, problem.message) from None
        if kind in IMAGE_TYPES and not _is_picture(data):
            raise self._refuse(source, _("the picture is damaged, has no size, or is too large."))
        return data, kind

    def _inside(self, source: str) -> Path:
        relative = PurePosixPath(source)
        if relative.is_absolute() or ".." in relative.parts or "\\" in source or ":" in source:
            raise self._refuse(source, _("the path leaves the folder."))
        if not source.isprintable() or any(len(part.encode()) > MOST_NAME_BYTES for part in relative.parts):
            raise self._refuse(source, _("no file can have this name."))
        path = self._on_disk(relative).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise self._refuse(source, _("the path leaves the folder."))
        return path

    def _on_disk(self, relative: PurePosixPath) -> Path:
        """The path as the disk spells it: macOS and some ZIP programs write names in NFD."""
        exact = self.root / relative
        if exact.exists() or str(relative).isascii():
            return exact
        decomposed = self.root / unicodedata.normalize("NFD", str(relative))
        return decomposed if decomposed.exists() else exact

    def _refuse(self, source: str, message: str | Promise) -> InvalidContent:
        shown = source if source.isprintable() else ascii(source)[1:-1]
        shown = shown if len(shown) <= 120 else f"{shown[:120]}…"
        told = filled(_("%(file)s: %(reason)s"), {"file": shown, "reason": message})
        return InvalidContent([Problem(self.source or shown, 0, told)])

    # Writing

    def image_source(self, pk: int) -> str:
        """Write the image into `media/` and say where."""
        return self._write("image", pk, get_image_model().objects.get(pk=pk).file)

    def document_source(self, pk: int) -> str:
        """Write the document into `media/` and say where."""
        return self._write("document", pk, get_document_model().objects.get(pk=pk).file)

    def _write(self, sort: str, pk: int, file: Any) -> str:
        known = self._names.get((sort, pk))
        if known is not None:
            return known
        with file.open("rb") as handle:
            data = handle.read()
        name = PurePosixPath(file.name).name
        target = self.root / "media" / name
        stem, suffix, number = target.stem, target.suffix, 1
        while target.exists() and target.read_bytes() != data:
            number += 1
            target = target.with_name(f"{stem}-{number}{suffix}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        source = f"media/{target.name}"
        self._names[(sort, pk)] = source
        return source


_RUNS = re.compile(rb"<(?:\w+:)?script\b|\son\w+\s*=|javascript:", re.IGNORECASE)


def _harmless_svg(data: bytes) -> bytes:
    """The drawing without its program's own notes; raises UnsafeSvg when it wants to run something."""
    cleaned = clean_svg(data)
    if cleaned != data and _RUNS.search(data):
        raise UnsafeSvg(_("the drawing holds a script; export it as plain SVG."))
    return cleaned


def _is_picture(data: bytes) -> bool:
    """Whether the library can open the picture and know its size."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PillowImage.DecompressionBombWarning)
            picture = WillowImage.open(io.BytesIO(data))
            width, height = picture.get_size()
            if not isinstance(picture, SvgImageFile):
                PillowImage.open(io.BytesIO(data)).load()
    except Exception:  # noqa: BLE001 - picture libraries raise nearly anything on damaged files
        return False
    return bool(width and height and width * height <= MOST_PIXELS)


def store_image(data: bytes, *, name: str, kind: str = "") -> Any:
    """The library's image with these bytes, made when there is none."""
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    model = get_image_model()
    found = model.objects.filter(file_hash=digest).order_by("pk").first()
    if found is not None:
        return found
    file = ImageFile(io.BytesIO(data), name=name)
    image = model(title=PurePosixPath(name).stem, file=file, file_hash=digest, file_size=len(data))
    image.save()
    return image


def store_document(data: bytes, *, name: str) -> Any:
    """The library's document with these bytes, made when there is none."""
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    model = get_document_model()
    found = model.objects.filter(file_hash=digest).order_by("pk").first()
    if found is not None:
        return found
    document = model(title=PurePosixPath(name).stem, file_hash=digest, file_size=len(data))
    document.file.save(name, ContentFile(data), save=False)
    document.save()
    return document
