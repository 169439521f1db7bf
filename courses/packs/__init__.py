"""Content packs: a course as a folder (docs/content-packs.md)."""
