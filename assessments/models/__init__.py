"""Banks of questions, quizzes, sittings, responses and grades."""

from assessments.models.access import Accommodation, PasswordGuard, Registration
from assessments.models.bank import Bank, Category, Question, QuestionVersion
from assessments.models.bank_files import QuestionExport, QuestionImport
from assessments.models.grading import GradingRun, SlotGrade
from assessments.models.quiz import Quiz, QuizDraw, QuizQuestion, QuizSection, QuizVersion
from assessments.models.review import QuestionReview
from assessments.models.sitting import Paper, ResponseEvent, Sitting
from assessments.models.supervision import SupervisionEntry

__all__ = [
    "Accommodation",
    "Bank",
    "Category",
    "GradingRun",
    "Paper",
    "PasswordGuard",
    "Question",
    "QuestionExport",
    "QuestionImport",
    "QuestionReview",
    "QuestionVersion",
    "Quiz",
    "QuizDraw",
    "QuizQuestion",
    "QuizSection",
    "QuizVersion",
    "Registration",
    "ResponseEvent",
    "Sitting",
    "SlotGrade",
    "SupervisionEntry",
]
