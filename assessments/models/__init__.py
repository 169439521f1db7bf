"""Banks of questions, quizzes, sittings, responses and grades."""

from assessments.models.appeals import Appeal, ResultDecision
from assessments.models.bank import Bank, Category, Question, QuestionVersion
from assessments.models.bank_files import QuestionExport, QuestionImport
from assessments.models.grading import GradingRun, SlotGrade
from assessments.models.marking import CalibrationMark, CalibrationSample, Marking, MarkingItem, QuizMarker
from assessments.models.quiz import Quiz, QuizDraw, QuizQuestion, QuizSection, QuizVersion
from assessments.models.regrading import Regrade, RegradeItem
from assessments.models.review import QuestionReview
from assessments.models.sitting import Paper, ResponseEvent, Sitting

__all__ = [
    "Appeal",
    "Bank",
    "CalibrationMark",
    "CalibrationSample",
    "Category",
    "GradingRun",
    "Marking",
    "MarkingItem",
    "Paper",
    "Question",
    "QuestionExport",
    "QuestionImport",
    "QuestionReview",
    "QuestionVersion",
    "Quiz",
    "QuizDraw",
    "QuizMarker",
    "QuizQuestion",
    "QuizSection",
    "QuizVersion",
    "Regrade",
    "RegradeItem",
    "ResponseEvent",
    "ResultDecision",
    "Sitting",
    "SlotGrade",
]
