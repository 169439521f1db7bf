"""Blocks that only lessons have."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.blocks import ContentStreamBlock


class SelfCheckChoiceBlock(blocks.StructBlock):
    """One answer of a self-check, with what it tells who chose it."""

    text = blocks.CharBlock(label=_("Answer"), max_length=500)
    correct = blocks.BooleanBlock(label=_("Correct"), required=False)
    feedback = blocks.CharBlock(label=_("Feedback"), max_length=1000)

    class Meta:
        label = _("Answer")


class SelfCheckBlock(blocks.StructBlock):
    """A question to oneself: not marked, not kept; the answer opens on the spot, without JavaScript."""

    question = blocks.CharBlock(label=_("Question"), max_length=1000)
    choices = blocks.ListBlock(SelfCheckChoiceBlock(), label=_("Answers"), min_num=2, max_num=8)

    class Meta:
        icon = "help"
        label = _("Self-check question")
        template = "courses/blocks/selfcheck.html"


class LessonStreamBlock(ContentStreamBlock):
    """What a lesson is made of."""

    selfcheck = SelfCheckBlock()
