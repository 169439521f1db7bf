"""News that the assessments room sends upwards, after commit."""

from django.dispatch import Signal

# sitting_id: int, the sitting that has a grade now.
sitting_graded = Signal()

# sitting_id: int, regrade_id: int | None (moderated), was_passed: bool; its result was marked again, beside the run before.
sitting_regraded = Signal()
