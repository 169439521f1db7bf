"""Pictures of questions: kept under the digest of their bytes, so that storing one twice is harmless."""

from __future__ import annotations

import hashlib
import html as entities
import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import InvalidQuestion
from assessments.formats.base import MEDIA_SCHEME, MediaFile
from common.files import FileTypeMismatch, UnsafeSvg, clean_svg, sniff_type
from common.messages import filled

FOLDER = "question-media"
PICTURES = {"png", "jpeg", "gif", "webp", "svg"}
MOST_BYTES = 10 * 1024 * 1024
_OURS = re.compile(rf"{FOLDER}/[0-9a-f]{{64}}\.[a-z]{{3,4}}$")
_SHOWN = re.compile(rf"{FOLDER}/[0-9a-f]{{64}}\.[a-z]{{3,4}}")
_ADDRESS = re.compile(r'(\bsrc=")([^"]*)(")')


def checked_picture(media: MediaFile) -> tuple[bytes, str]:
    """(bytes to keep, path in the storage) of a picture. Raises InvalidQuestion when it is none, or too large."""
    if len(media.content) > MOST_BYTES:
        raise InvalidQuestion(filled(_("The picture “%(name)s” is larger than 10 MB."), {"name": media.name[:80]}))
    try:
        kind = sniff_type(media.content, media.name)
        content = clean_svg(media.content) if kind == "svg" else media.content
    except (FileTypeMismatch, UnsafeSvg) as problem:
        raise InvalidQuestion(str(problem)) from problem
    if kind not in PICTURES:
        facts = {"name": media.name[:80], "kind": kind.upper()}
        raise InvalidQuestion(filled(_("“%(name)s” (%(kind)s) is no picture that a question can show."), facts))
    return content, f"{FOLDER}/{hashlib.sha256(content).hexdigest()}.{kind}"


def store_picture(media: MediaFile) -> str:
    """The address of a picture that is kept from now on. Raises InvalidQuestion."""
    content, path = checked_picture(media)
    if not default_storage.exists(path):
        keep_picture(path, content)
    return default_storage.url(path)


def keep_picture(path: str, content: bytes) -> None:
    """Write a checked picture to its path; when somebody else was quicker, theirs stays, which is the same."""
    saved = default_storage.save(path, ContentFile(content))
    if saved != path:
        default_storage.delete(saved)


def pictures_in(value: Any) -> set[str]:
    """The paths of the pictures of ours that a body shows."""
    if isinstance(value, str):
        return set(_SHOWN.findall(value)) if FOLDER in value else set()
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return {path for item in items for path in pictures_in(item)}


def load_picture(address: str) -> MediaFile | None:
    """The picture at an address of this site; None when it is not one of ours or is gone."""
    path = unquote(urlsplit(address).path)
    ours = _OURS.search(path)
    base = urlsplit(settings.MEDIA_URL).path
    if ours:
        path = ours[0]
    elif path.startswith(base):
        path = path.removeprefix(base)
    else:
        return None
    if ".." in PurePath(path).parts or not default_storage.exists(path):
        return None
    with default_storage.open(path) as file:
        return MediaFile(name=PurePath(path).name, content=file.read())


def with_addresses(body: Mapping[str, Any], replaced: Callable[[str], str | None]) -> dict[str, Any]:
    """The body with each picture's address replaced; None takes the address away and leaves its words.

    Addresses stand in `src="…"` of HTML and in fields called `src`.
    """
    result: dict[str, Any] = _walk(body, replaced)
    return result


def _walk(value: Any, replaced: Callable[[str], str | None], key: str = "") -> Any:
    if isinstance(value, str):
        if key == "src":
            return replaced(value) or ""
        return _ADDRESS.sub(lambda found: _put(found, replaced), value) if 'src="' in value else value
    if isinstance(value, Mapping):
        return {name: _walk(item, replaced, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, replaced) for item in value]
    return value


def _put(found: re.Match[str], replaced: Callable[[str], str | None]) -> str:
    address = replaced(entities.unescape(found[2]))
    return f"{found[1]}{entities.escape(address or '')}{found[3]}"


def media_name(address: str) -> str | None:
    """The name of a picture that came with the file; None for any other address."""
    return unquote(address.removeprefix(MEDIA_SCHEME)) if address.startswith(MEDIA_SCHEME) else None
