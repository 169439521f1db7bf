"""News that the assessments room sends upwards, after commit."""

from django.dispatch import Signal

# sitting_id: int, the sitting that has a grade now.
sitting_graded = Signal()
