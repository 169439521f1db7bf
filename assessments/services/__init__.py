"""Commands of the assessments room: the only code that changes its state."""

from assessments.services.authoring import Revision, revise_question, write_question
from assessments.services.bank import (
    add_version,
    create_bank,
    create_question,
    ensure_category,
    set_status,
    update_bank,
    update_question,
)
from assessments.services.exporting import export_questions
from assessments.services.grading import grade_sitting, retry_grading
from assessments.services.importing import ImportedItem, ImportReport, import_questions, recognise_format
from assessments.services.quiz import matrix_shortages, named_shortages, publish_quiz
from assessments.services.quiz_files import import_exams
from assessments.services.responses import Acknowledgement, record_responses
from assessments.services.sitting import start_sitting, submit_overdue, submit_sitting

__all__ = [
    "Acknowledgement",
    "ImportReport",
    "ImportedItem",
    "Revision",
    "add_version",
    "create_bank",
    "create_question",
    "ensure_category",
    "export_questions",
    "grade_sitting",
    "import_exams",
    "import_questions",
    "matrix_shortages",
    "named_shortages",
    "publish_quiz",
    "recognise_format",
    "record_responses",
    "retry_grading",
    "revise_question",
    "set_status",
    "start_sitting",
    "submit_overdue",
    "submit_sitting",
    "update_bank",
    "update_question",
    "write_question",
]
