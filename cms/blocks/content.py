"""Text, figure, video, steps, callout, table and download blocks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

RICH_TEXT_FEATURES = [
    "h2",
    "h3",
    "h4",
    "bold",
    "italic",
    "code",
    "ol",
    "ul",
    "link",
    "document-link",
    "blockquote",
    "hr",
]
INLINE_FEATURES = ["bold", "italic", "code", "link"]


class TextBlock(blocks.RichTextBlock):
    """Running text."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("features", RICH_TEXT_FEATURES)
        super().__init__(**kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "cms/blocks/text.html"


class FigureBlock(blocks.StructBlock):
    """A picture with what it shows (for those who cannot see it) and a caption."""

    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(label=_("Alternative text"), max_length=500, help_text=_("What the picture shows."))
    caption = blocks.CharBlock(label=_("Caption"), max_length=300, required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "cms/blocks/figure.html"


class VideoBlock(blocks.StructBlock):
    """A video file with captions and a transcript."""

    video = DocumentChooserBlock(label=_("Video file (mp4, webm)"))
    captions = DocumentChooserBlock(label=_("Captions (vtt)"), required=False)
    caption = blocks.CharBlock(label=_("Caption"), max_length=300, required=False)
    transcript = blocks.RichTextBlock(label=_("Transcript"), features=RICH_TEXT_FEATURES, required=False)

    class Meta:
        icon = "media"
        label = _("Video")
        template = "cms/blocks/video.html"


class StepsBlock(blocks.StructBlock):
    """Numbered steps."""

    title = blocks.CharBlock(label=_("Title"), max_length=200, required=False)
    steps = blocks.ListBlock(blocks.RichTextBlock(features=INLINE_FEATURES), label=_("Steps"), min_num=1)

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "cms/blocks/steps.html"


class CalloutBlock(blocks.StructBlock):
    """Something to notice: tip, note, warning or example."""

    kind = blocks.ChoiceBlock(
        choices=[
            ("tip", _("Tip")),
            ("note", _("Note")),
            ("warning", _("Warning")),
            ("example", _("Example")),
        ],
        default="note",
        label=_("Kind"),
    )
    title = blocks.CharBlock(label=_("Title"), max_length=200, required=False)
    text = blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT_FEATURES)

    class Meta:
        icon = "info-circle"
        label = _("Callout")
        template = "cms/blocks/callout.html"


class TableBlock(blocks.StructBlock):
    """A small table with headers that screen readers announce; cells hold inline HTML."""

    caption = blocks.CharBlock(label=_("Caption"), max_length=300, required=False)
    header = blocks.ChoiceBlock(
        choices=[
            ("row", _("First row")),
            ("column", _("First column")),
            ("both", _("Both")),
            ("none", _("None")),
        ],
        default="row",
        label=_("Headers"),
    )
    rows = blocks.ListBlock(
        blocks.ListBlock(blocks.RichTextBlock(features=INLINE_FEATURES, required=False), label=_("Line")),
        label=_("Lines of the table"),
        min_num=1,
    )

    class Meta:
        icon = "table"
        label = _("Table")
        template = "cms/blocks/table.html"


class DownloadBlock(blocks.StructBlock):
    """A file to take away."""

    document = DocumentChooserBlock(label=_("File"))
    title = blocks.CharBlock(label=_("Title"), max_length=200, required=False)

    class Meta:
        icon = "download"
        label = _("Download")
        template = "cms/blocks/download.html"


class ContentStreamBlock(blocks.StreamBlock):
    """What an article is made of; lessons add their own blocks."""

    text = TextBlock()
    image = FigureBlock()
    video = VideoBlock()
    steps = StepsBlock()
    callout = CalloutBlock()
    table = TableBlock()
    download = DownloadBlock()
