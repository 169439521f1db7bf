"""Gaps in a text, each with a list to choose the missing word from; right gaps of all gaps (qtype_gapselect)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from assessments.question_types.editor import SHUFFLE
from assessments.question_types.gaps import GapType, words_field


class GapSelect(GapType):
    """Choose the missing words; a word may be chosen for any number of gaps."""

    name = "gap_select"
    label = _("Gaps with lists")
    editor = (words_field(with_reuse=False), SHUFFLE)


question_type = GapSelect()
