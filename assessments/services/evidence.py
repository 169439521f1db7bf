"""The evidence of a sitting: what its rows say as plain JSON, and the signed bundle of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from assessments.evidence.contents import Contents, write_bundle
from assessments.exceptions import DecisionRefused
from assessments.models import GradingRun, Paper, QuestionVersion, ResponseEvent, Sitting, SupervisionEntry


def contents_of(sitting: Sitting) -> Contents:
    """What the rows of a sitting say, in eight queries whatever its length."""
    sitting = Sitting.objects.select_related("person", "quiz", "quiz_version", "paper", "current_run").get(
        pk=sitting.pk
    )
    runs = list(sitting.runs.order_by("number").prefetch_related("slot_grades"))
    versions = {slot["version"] for slot in sitting.paper.slots}
    versions |= {row.question_version_id for run in runs for row in run.slot_grades.all()}
    return Contents(
        sitting=_sitting(sitting),
        paper=_paper(sitting.paper),
        versions=[
            _version(row)
            for row in QuestionVersion.objects.filter(pk__in=versions).select_related("question").order_by("pk")
        ],
        events=[_event(row) for row in sitting.events.order_by("seq")],
        supervision=[_entry(row) for row in sitting.supervision.order_by("number")],
        runs=[_run(row) for row in runs],
    )


def sitting_named(name: str) -> Sitting | None:
    """The sitting with this public id (UUID) or number; None when there is none."""
    if name.isascii() and name.isdigit() and len(name) < 19:
        return Sitting.objects.filter(pk=int(name)).first()
    try:
        return Sitting.objects.filter(public_id=UUID(name)).first()
    except ValueError:
        return None


def bundle_of(sitting: Sitting, *, at: datetime) -> bytes:
    """The signed evidence bundle of a sitting that was handed in. Raises DecisionRefused while it is open."""
    if sitting.state == Sitting.State.OPEN:
        raise DecisionRefused(_("This paper is still being answered; its evidence can be had when it is handed in."))
    return write_bundle(contents_of(sitting), made_at=_utc(at))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else _utc(moment)


def _text(number: Any) -> str | None:
    return None if number is None else str(number)


def _sitting(row: Sitting) -> dict[str, Any]:
    return {
        "id": str(row.public_id),
        "person": {"id": row.person_id, "name": row.person.full_name},
        "quiz": {"slug": row.quiz.slug, "title": row.quiz.title},
        "quiz_version": {
            "number": row.quiz_version.number,
            "digest": row.quiz_version.digest,
            "published_at": _utc(row.quiz_version.published_at),
            "blueprint": row.quiz_version.blueprint,
        },
        "attempt": row.attempt,
        "state": row.state,
        "started_at": _utc(row.started_at),
        "deadline_at": _time(row.deadline_at),
        "grace_seconds": row.grace_seconds,
        "submitted_at": _time(row.submitted_at),
        "submitted_by": row.submitted_by,
        "last_seq": row.last_seq,
        "chain_head": row.chain_head,
        "supervision_head": row.supervision_head,
        "score": _text(row.score),
        "max_score": _text(row.max_score),
        "passed": row.passed,
        "current_run": row.current_run.number if row.current_run else None,
    }


def _paper(row: Paper) -> dict[str, Any]:
    content = {"seed": row.seed, "slots": row.slots, "max_score": str(row.max_score), "digest": row.digest}
    return {**content, "inputs": row.inputs} if row.inputs else content


def _version(row: QuestionVersion) -> dict[str, Any]:
    return {
        "id": row.pk,
        "question": row.question_id,
        "idnumber": row.question.idnumber,
        "number": row.number,
        "type": row.type,
        "body": row.body,
        "digest": row.digest,
    }


def _event(row: ResponseEvent) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "kind": row.kind,
        "slot": row.slot,
        "response": row.response,
        "client_time": _time(row.client_time),
        "server_time": _utc(row.server_time),
        "late": row.late,
        "previous_digest": row.previous_digest,
        "digest": row.digest,
    }


def _entry(row: SupervisionEntry) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "seconds": row.seconds,
        "text": row.text,
        "reason": row.reason,
        "by": row.by_id,
        "at": _utc(row.at),
        "key": row.key,
        "log_seq": row.log_seq,
        "log_digest": row.log_digest,
        "previous_digest": row.previous_digest,
        "digest": row.digest,
    }


def _run(row: GradingRun) -> dict[str, Any]:
    return {
        "number": row.number,
        "reason": row.reason,
        "note": row.note,
        "engine_version": row.engine_version,
        "worker": row.worker,
        "requested_by": row.requested_by_id,
        "graded_at": _utc(row.graded_at),
        "score": str(row.score),
        "max_score": str(row.max_score),
        "passed": row.passed,
        "digest": row.digest,
        "slots": [
            {
                "slot": slot.slot,
                "version": slot.question_version_id,
                "event_seq": slot.event_seq,
                "state": slot.state,
                "fraction": slot.fraction,
                "mark": _text(slot.mark),
                "max_mark": str(slot.max_mark),
                "source": slot.source,
            }
            for slot in row.slot_grades.all()
        ],
    }
