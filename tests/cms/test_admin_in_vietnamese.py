"""The administration speaks Vietnamese: what Wagtail itself leaves in English is completed in `locale/`.

An upgrade that brings new texts fails here and lists them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation import trans_real

PACKAGES = [
    "wagtail",
    "wagtail.admin",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.table_block",
    "wagtail.documents",
    "wagtail.embeds",
    "wagtail.images",
    "wagtail.locales",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail.users",
]


def locale_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "locale"


def texts(path: Path, *, translated: bool = False) -> set[str]:
    """The keys gettext looks a catalogue's texts up by."""
    if not path.is_file():
        return set()
    entries = [entry for entry in polib.pofile(str(path)) if not entry.obsolete]
    wanted = [entry for entry in entries if entry.translated() or not translated]
    return {f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid for entry in wanted}


def translated_by(found: trans_real.DjangoTranslation) -> set[str]:
    return {key if isinstance(key, str) else key[0] for key, _text in found._catalog.items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_of_the_administration_has_vietnamese(package: str) -> None:
    locale = locale_of(package)
    with translation.override("vi"):
        vietnamese = translated_by(trans_real.catalog())
    # Some of the packages are not installed (yet); their own Vietnamese counts all the same.
    vietnamese |= texts(locale / "vi/LC_MESSAGES/django.po", translated=True)
    english = texts(locale / "en/LC_MESSAGES/django.po")
    assert english
    missing = sorted(english - vietnamese)
    assert not missing, "\n".join(missing)


def test_every_text_of_the_administrations_scripts_has_vietnamese() -> None:
    locale = locale_of("wagtail.admin")
    vietnamese = translated_by(trans_real.DjangoTranslation("vi", domain="djangojs", localedirs=[str(locale)]))
    english = texts(locale / "en/LC_MESSAGES/djangojs.po")
    assert english
    missing = sorted(english - vietnamese)
    assert not missing, "\n".join(missing)
