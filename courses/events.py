"""News that the courses room sends upwards, after commit; listeners only nudge their own sweep."""

from django.dispatch import Signal

# completion_id: int, the CourseCompletion that was made.
course_completed = Signal()
