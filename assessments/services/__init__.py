"""Commands of the assessments room: the only code that changes its state."""

from assessments.dependants import Dependant, register_dependants
from assessments.services.analysis import analyse_quiz, find_unanalysed, note_graded, recount_quiz
from assessments.services.answer_files import (
    accept_answer_file,
    receive_answer_file,
    refuse_answer_file,
    said_of_answer_file,
)
from assessments.services.appeals import accept_appeal, file_appeal, reject_appeal, withdraw_appeal
from assessments.services.authoring import Revision, restore_version, revise_question, write_question
from assessments.services.bank import (
    add_version,
    create_bank,
    create_question,
    ensure_category,
    update_bank,
    update_question,
)
from assessments.services.bank_exports import (
    build_question_export,
    file_name_of,
    questions_below,
    request_question_export,
    retry_question_export,
    write_questions,
)
from assessments.services.bank_files import apply_import, retry_import, upload_questions, work_on_import
from assessments.services.bulk import Changes, Edited, edit_questions, keep_one_of
from assessments.services.calibration import calibrate_quiz, due_calibrations
from assessments.services.categories import (
    add_category,
    delete_category,
    merge_category,
    move_category,
    quizzes_drawing_from,
    rename_category,
)
from assessments.services.devices import Synchronised, take_over
from assessments.services.exporting import export_questions
from assessments.services.file_leases import due_files, said_in_both
from assessments.services.grading import grade_sitting, retry_grading
from assessments.services.import_reading import CheckedFile, ImportedItem, read_file
from assessments.services.importing import (
    ImportReport,
    check_questions,
    import_questions,
    recognise_format,
    take_questions,
)
from assessments.services.indexing import index_questions
from assessments.services.marking import (
    add_marker,
    claim_next,
    close_marking,
    end_marker,
    hand_in_marking,
    make_sample,
    mark_sample,
    open_marking,
    save_marking,
    sittings_to_close,
    sittings_to_open,
)
from assessments.services.quiz import matrix_shortages, named_shortages, publish_quiz
from assessments.services.quiz_files import import_exams
from assessments.services.regrading import (
    apply_regrade,
    cancel_regrade,
    request_regrade,
    retry_regrade,
    work_on_regrade,
)
from assessments.services.responses import Acknowledgement, record_responses
from assessments.services.results import (
    give_result,
    moderate_result,
    release_results,
    take_back_release,
    withhold_result,
)
from assessments.services.review import may_approve, set_status
from assessments.services.sections import go_to_section, leave_overdue_sections, leave_sections_that_are_over
from assessments.services.sitting import start_sitting, submit_overdue, submit_sitting
from assessments.services.withdrawal import decide_withdrawal

__all__ = [
    "Acknowledgement",
    "Changes",
    "CheckedFile",
    "Dependant",
    "Edited",
    "ImportReport",
    "ImportedItem",
    "Revision",
    "Synchronised",
    "accept_answer_file",
    "accept_appeal",
    "add_category",
    "add_marker",
    "add_version",
    "analyse_quiz",
    "apply_import",
    "apply_regrade",
    "build_question_export",
    "calibrate_quiz",
    "cancel_regrade",
    "check_questions",
    "claim_next",
    "close_marking",
    "create_bank",
    "create_question",
    "decide_withdrawal",
    "delete_category",
    "due_calibrations",
    "due_files",
    "edit_questions",
    "end_marker",
    "ensure_category",
    "export_questions",
    "file_appeal",
    "file_name_of",
    "find_unanalysed",
    "give_result",
    "go_to_section",
    "grade_sitting",
    "hand_in_marking",
    "import_exams",
    "import_questions",
    "index_questions",
    "keep_one_of",
    "leave_overdue_sections",
    "leave_sections_that_are_over",
    "make_sample",
    "mark_sample",
    "matrix_shortages",
    "may_approve",
    "merge_category",
    "moderate_result",
    "move_category",
    "named_shortages",
    "note_graded",
    "open_marking",
    "publish_quiz",
    "questions_below",
    "quizzes_drawing_from",
    "read_file",
    "receive_answer_file",
    "recognise_format",
    "record_responses",
    "recount_quiz",
    "refuse_answer_file",
    "register_dependants",
    "reject_appeal",
    "release_results",
    "rename_category",
    "request_question_export",
    "request_regrade",
    "restore_version",
    "retry_grading",
    "retry_import",
    "retry_question_export",
    "retry_regrade",
    "revise_question",
    "said_in_both",
    "said_of_answer_file",
    "save_marking",
    "set_status",
    "sittings_to_close",
    "sittings_to_open",
    "start_sitting",
    "submit_overdue",
    "submit_sitting",
    "take_back_release",
    "take_over",
    "take_questions",
    "update_bank",
    "update_question",
    "upload_questions",
    "withdraw_appeal",
    "withhold_result",
    "work_on_import",
    "work_on_regrade",
    "write_question",
    "write_questions",
]
