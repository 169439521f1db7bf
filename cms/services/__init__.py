"""Commands of the portal room: the only code that changes its state."""

from cms.services.articles import import_articles
from cms.services.pages import publish_page, raw_stream, same_stream, sync_alias
from cms.services.portal import ensure_portal
from cms.services.views import count_view
from cms.streamtext import FolderMedia, MediaStore, parse_blocks, write_blocks
from cms.streamtext.reading import BlockProblem, read_selfcheck
from cms.streamtext.writing import write_selfcheck

__all__ = [
    "BlockProblem",
    "FolderMedia",
    "MediaStore",
    "count_view",
    "ensure_portal",
    "import_articles",
    "parse_blocks",
    "publish_page",
    "raw_stream",
    "read_selfcheck",
    "same_stream",
    "sync_alias",
    "write_blocks",
    "write_selfcheck",
]
