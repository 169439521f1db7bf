"""Pictures of questions in packs: files in the pack's `media/` there, addresses of this site here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.files.storage import default_storage

from assessments.exceptions import InvalidQuestion
from assessments.formats.base import MEDIA_SCHEME, MediaFile
from assessments.formats.checking import each_text
from assessments.services.exporting import with_media
from assessments.services.media import checked_picture, keep_picture, media_name, with_addresses
from cms.exceptions import InvalidContent
from cms.services import FolderMedia

FOLDER, FIELDS = "media/", {"picture", "src"}


class PackPictures:
    """The pictures that the questions of one pack show, checked; kept when the pack is applied."""

    def __init__(self, media: FolderMedia) -> None:
        self.media = media
        self.checked: dict[str, tuple[bytes, str]] = {}

    def addressed(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with the addresses that its pictures will have. Raises InvalidQuestion for one that is none."""
        return with_addresses(body, self._address)

    def keep(self) -> None:
        """Store every picture; twice is harmless."""
        for content, path in self.checked.values():
            if not default_storage.exists(path):
                keep_picture(path, content)

    def _address(self, source: str) -> str | None:
        name = media_name(source)
        place = source if name is None else f"{FOLDER}{name}"
        if not place.startswith(FOLDER):
            return source
        if place not in self.checked:
            try:
                content = self.media.picture(place)
            except InvalidContent as problem:
                raise InvalidQuestion(problem.problems[0].message) from problem
            self.checked[place] = checked_picture(MediaFile(name=place.removeprefix(FOLDER), content=content))
        return default_storage.url(self.checked[place][1])


def named_in_fields(source: Any, key: str = "") -> Any:
    """The source of a body whose fields for pictures name files of the pack as types take them (`media:…`)."""
    if isinstance(source, Mapping):
        return {name: named_in_fields(value, name) for name, value in source.items()}
    if isinstance(source, list):
        return [named_in_fields(value) for value in source]
    if isinstance(source, str) and key in FIELDS and source.startswith(FOLDER):
        return f"{MEDIA_SCHEME}{quote(source.removeprefix(FOLDER))}"
    return source


def with_files(body: Mapping[str, Any], target: Path) -> dict[str, Any]:
    """The body with its pictures of this site named and written into `media/` below `target`."""
    media: dict[str, MediaFile] = {}
    named = with_media(body, media)
    for name, file in media.items():
        path = target / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    shown: dict[str, Any] = each_text(named, lambda text: text.replace(f'src="{MEDIA_SCHEME}', f'src="{FOLDER}'))
    return shown


def as_packs_name(source: Any) -> Any:
    """The source of a body with the pictures of its fields as packs name them."""

    def place(text: str) -> str:
        name = media_name(text)
        return text if name is None else f"{FOLDER}{name}"

    return each_text(source, place)
