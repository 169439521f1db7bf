"""Gaps in a text, and a stock of words to drag into them; right gaps of all gaps (qtype_ddwtos)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from assessments.question_types.editor import SHUFFLE
from assessments.question_types.gaps import GapType, words_field


class GapDrag(GapType):
    """Drag the words into the gaps, or choose them from the list of each gap."""

    name = "gap_drag"
    label = _("Gaps with words to drag")
    editor = (words_field(with_reuse=True), SHUFFLE)


question_type = GapDrag()
