"""What candidates see of a sitting, by moment. Pure: rules as stored, times as given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from assessments.papers.blueprint import RIGHT_AFTER_SECONDS

EVERYTHING = frozenset({"response", "correctness", "marks", "right_answer", "feedback"})
SCORE_ONLY = frozenset({"marks"})
NOTHING: frozenset[str] = frozenset()
ONE_BY_ONE = frozenset({"immediate", "interactive", "adaptive", "adaptive_no_penalty", "immediate_certainty"})


def shown_during(rules: Mapping[str, Any]) -> frozenset[str]:
    """What is told of a question that was checked while the paper is open.

    The simple rules know no such moment: whether a try was right is told, or checking would be for nothing, and all else
    where explanations are shown as soon as the paper is marked.
    """
    if rules.get("behaviour", "deferred") not in ONE_BY_ONE:
        return NOTHING
    if rules["feedback"] == "by_moment":
        return frozenset((rules.get("review") or {}).get("during", ()))
    return EVERYTHING if rules["feedback"] == "after_submit" else frozenset({"response", "correctness"})


def shown_after(
    rules: Mapping[str, Any],
    *,
    at: datetime,
    submitted_at: datetime,
    closes_at: datetime | None,
    passed: bool,
    attempt: int,
) -> frozenset[str]:
    """What is shown of a marked sitting now. Without "marks" there is no score either.

    A quiz that has closed is `closed`, whenever the paper was handed in (Moodle, mod_quiz_display_options).
    """
    is_closed = closes_at is not None and at >= closes_at
    rule = rules["feedback"]
    if rule == "by_moment":
        if is_closed:
            moment = "closed"
        else:
            is_right_after = at < submitted_at + timedelta(seconds=RIGHT_AFTER_SECONDS)
            moment = "right_after" if is_right_after else "later"
        return frozenset((rules.get("review") or {}).get(moment, ()))
    allowed = rules.get("attempts_allowed")
    is_shown = {
        "after_submit": True,
        "after_pass": passed or (allowed is not None and attempt >= allowed),
        "after_close": is_closed,
    }
    return EVERYTHING if is_shown.get(rule, False) else SCORE_ONLY
