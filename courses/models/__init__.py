"""What there is to learn, who learns it, and how far they are."""

from courses.models.catalogue import (
    Activity,
    Audience,
    Course,
    LearningOutcome,
    SubjectField,
)
from courses.models.frameworks import Competence, CompetenceArea, CompetenceFramework, CompetenceLevel
from courses.models.learning import ActivityProgress, CourseCompletion, Enrolment
from courses.models.pages import CatalogueIndexPage, CoursePage, LessonPage

__all__ = [
    "Activity",
    "ActivityProgress",
    "Audience",
    "CatalogueIndexPage",
    "Competence",
    "CompetenceArea",
    "CompetenceFramework",
    "CompetenceLevel",
    "Course",
    "CourseCompletion",
    "CoursePage",
    "Enrolment",
    "LearningOutcome",
    "LessonPage",
    "SubjectField",
]
