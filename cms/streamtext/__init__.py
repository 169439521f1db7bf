"""Markdown with `:::` blocks ⇄ StreamField, without loss (docs/content-packs.md)."""

from cms.streamtext.media import FolderMedia, MediaStore
from cms.streamtext.reading import parse_blocks
from cms.streamtext.writing import write_blocks

__all__ = ["FolderMedia", "MediaStore", "parse_blocks", "write_blocks"]
