"""Commands of the courses room: the only code that changes its state."""

from courses.packs.facts import Line, Slug, explain
from courses.packs.parts import PackPart, PackProblem, register_pack_part
from courses.packs.source import PackSource
from courses.services.activities import recheck_enrolments, retire_activities, sync_activity
from courses.services.catalogue import ensure_catalogue, keep_search_text
from courses.services.completion import decide_completion
from courses.services.enrolment import enrol, withdraw
from courses.services.frameworks import import_frameworks
from courses.services.lessons import follow_in_english, sync_lessons
from courses.services.pack_export import dump_yaml, export_pack
from courses.services.packs import import_pack
from courses.services.progress import complete_lesson, open_lesson, record_activity_result

__all__ = [
    "Line",
    "PackPart",
    "PackProblem",
    "PackSource",
    "Slug",
    "complete_lesson",
    "decide_completion",
    "dump_yaml",
    "enrol",
    "ensure_catalogue",
    "explain",
    "export_pack",
    "follow_in_english",
    "import_frameworks",
    "import_pack",
    "keep_search_text",
    "open_lesson",
    "recheck_enrolments",
    "record_activity_result",
    "register_pack_part",
    "retire_activities",
    "sync_activity",
    "sync_lessons",
    "withdraw",
]
