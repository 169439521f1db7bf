"""Banks of questions, quizzes, sittings, responses and grades."""

from assessments.models.access import Accommodation, PasswordGuard, Registration, RegistrationFile
from assessments.models.analysis import AnalysedSitting, ItemAnalysis, QuizAnalysis, WithdrawalProposal
from assessments.models.answer_files import AnswerFile
from assessments.models.appeals import Appeal, ResultDecision
from assessments.models.bank import Bank, Category, Question, QuestionVersion
from assessments.models.bank_files import QuestionExport, QuestionImport
from assessments.models.grading import GradingRun, SlotGrade
from assessments.models.marking import CalibrationMark, CalibrationSample, Marking, MarkingItem, QuizMarker
from assessments.models.papers import PaperBasis, PaperSet, PaperTally, ParallelPaper, ReservedPaper
from assessments.models.quiz import Quiz, QuizDraw, QuizQuestion, QuizSection, QuizVersion
from assessments.models.regrading import Regrade, RegradeItem
from assessments.models.review import QuestionReview
from assessments.models.sitting import Paper, ResponseEvent, Sitting
from assessments.models.supervision import SupervisionEntry

__all__ = [
    "Accommodation",
    "AnalysedSitting",
    "AnswerFile",
    "Appeal",
    "Bank",
    "CalibrationMark",
    "CalibrationSample",
    "Category",
    "GradingRun",
    "ItemAnalysis",
    "Marking",
    "MarkingItem",
    "Paper",
    "PaperBasis",
    "PaperSet",
    "PaperTally",
    "ParallelPaper",
    "PasswordGuard",
    "Question",
    "QuestionExport",
    "QuestionImport",
    "QuestionReview",
    "QuestionVersion",
    "Quiz",
    "QuizAnalysis",
    "QuizDraw",
    "QuizMarker",
    "QuizQuestion",
    "QuizSection",
    "QuizVersion",
    "Registration",
    "RegistrationFile",
    "Regrade",
    "RegradeItem",
    "ReservedPaper",
    "ResponseEvent",
    "ResultDecision",
    "Sitting",
    "SlotGrade",
    "SupervisionEntry",
    "WithdrawalProposal",
]
