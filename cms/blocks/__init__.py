"""StreamField blocks that articles and lessons share."""

from cms.blocks.content import (
    CalloutBlock,
    ContentStreamBlock,
    DownloadBlock,
    FigureBlock,
    StepsBlock,
    TableBlock,
    TextBlock,
    VideoBlock,
)

__all__ = [
    "CalloutBlock",
    "ContentStreamBlock",
    "DownloadBlock",
    "FigureBlock",
    "StepsBlock",
    "TableBlock",
    "TextBlock",
    "VideoBlock",
]
