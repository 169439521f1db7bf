"""Exports: asked for as a row, built by Celery, kept for who asked."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common.locking import lock_row
from common.sweeps import nudge
from common.tabular import write_csv, write_xlsx
from people.models import AccessLog, OrganisationUnit, RoleGrant
from people.permissions import may_read_unit
from people.queries import find_unit
from people.services import log_access
from records.exceptions import ReportRefused
from records.models import ReportExport
from records.reports import get_report

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 5


@transaction.atomic
def request_export(
    *, report: str, parameters: dict[str, Any], by: Any, at: datetime, language: str = "vi"
) -> ReportExport:
    """Ask for a report as files. Raises ReportRefused when it is unknown or outside the reader's scope.

    The same request that is still being built is given back. The export is written to the access log.
    """
    try:
        definition = get_report(report)
    except KeyError:
        raise ReportRefused(_("There is no such report.")) from None
    checked = definition.check(parameters, reader=by)
    running = ReportExport.objects.filter(
        report=report,
        parameters=checked,
        requested_by=by,
        language=language,
        state=ReportExport.State.REQUESTED,
    ).first()
    if running is not None:
        return running
    export = ReportExport.objects.create(
        report=report, parameters=checked, requested_by=by, language=language, requested_at=at
    )
    _log_export(export, by=by, at=at, unit=unit_of(export))
    from records.tasks import build_export as task

    nudge(task, export.pk)
    return export


def build_export(*, export_id: int, at: datetime) -> bool:
    """Build the files of a requested export; True when they were built now.

    The scope is checked again with today's roles. Files are written first, the row second; after
    MOST_ATTEMPTS the export is `failed` with the reason.
    """
    with transaction.atomic():
        export = lock_row(
            ReportExport.objects.filter(pk=export_id, state=ReportExport.State.REQUESTED), skip_locked=True
        )
        if export is None:
            return False
        if export.attempts >= MOST_ATTEMPTS:
            export.state = ReportExport.State.FAILED
            export.error = export.error or "The worker died each time."
            export.save(update_fields=["state", "error"])
            return False
        export.attempts += 1
        export.save(update_fields=["attempts"])
    try:
        definition = get_report(export.report)
        parameters = definition.check(export.parameters, reader=export.requested_by)
        with translation.override(export.language):
            columns = [str(column.heading) for column in definition.columns]
            values = [column.value for column in definition.columns]

            def rows() -> Iterator[list[Any]]:
                for row in definition.rows(parameters):
                    yield [value(row) for value in values]

            csv, count = _store(export, "csv", lambda file: write_csv(rows(), columns, file))
            xlsx, _count = _store(
                export, "xlsx", lambda file: write_xlsx(rows(), columns, file, title=str(definition.title))
            )
    except ReportRefused as refusal:
        ReportExport.objects.filter(pk=export_id, state=ReportExport.State.REQUESTED).update(
            state=ReportExport.State.FAILED, error=str(refusal)[:500]
        )
        return False
    except Exception as problem:
        logger.exception("Building export %s failed", export_id)
        ReportExport.objects.filter(pk=export_id).update(error=f"{type(problem).__name__}: {problem}"[:500])
        raise
    changed = ReportExport.objects.filter(pk=export_id, state=ReportExport.State.REQUESTED).update(
        csv=csv, xlsx=xlsx, row_count=count, state=ReportExport.State.READY, ready_at=at, error=""
    )
    return bool(changed)


def _store(export: ReportExport, suffix: str, write: Any) -> tuple[str, int]:
    """Write to a file on disk, then into the private storage; (name, rows). Written twice, the later one counts."""
    storage = storages["private"]
    with tempfile.TemporaryFile() as file:
        count = write(file)
        file.seek(0)
        name = f"exports/{export.public_id}-{export.attempts}.{suffix}"
        storage.delete(name)
        return storage.save(name, File(file)), count


KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export, to be sent."""

    stored: Any
    content_type: str
    name: str


def open_export(*, export: ReportExport, kind: str, by: Any, at: datetime) -> ExportFile:
    """The CSV or XLSX of a ready export; that it was read is logged.

    Raises ReportRefused when there is no such file, or when `by` may not read it today: who asked for it while an HR
    officer there, anybody else as an administrator there.
    """
    unit = unit_of(export)
    role = RoleGrant.Role.HR_OFFICER if export.requested_by_id == by.pk else RoleGrant.Role.ADMINISTRATOR
    ready = kind in KINDS and export.state == ReportExport.State.READY
    if not ready or unit is None or not may_read_unit(by, role, unit):
        raise ReportRefused(_("There is no such file, or it is not yours to read."))
    _log_export(export, by=by, at=at, unit=unit)
    return ExportFile(
        stored=export.csv if kind == "csv" else export.xlsx,
        content_type=KINDS[kind],
        name=f"{export.report}-{export.parameters['unit']}-{export.parameters['as_of']}.{kind}",
    )


def unit_of(export: ReportExport) -> OrganisationUnit | None:
    """The unit that an export is about, in the form that it had on its day."""
    try:
        return find_unit(export.parameters.get("unit", ""), on=date.fromisoformat(export.parameters["as_of"]))
    except (KeyError, ValueError):
        return None


def _log_export(export: ReportExport, *, by: Any, at: datetime, unit: OrganisationUnit | None) -> None:
    log_access(
        by=by,
        action=AccessLog.Action.EXPORT,
        what=get_report(export.report).title_for_log,
        exactly=f"{export.parameters.get('course', '')} {export.parameters.get('as_of', '')}",
        at=at,
        unit=unit,
    )


@transaction.atomic
def retry_export(*, export: ReportExport, by: Any) -> ReportExport:
    """Build a failed export again."""
    locked = ReportExport.objects.select_for_update().get(pk=export.pk)
    if locked.state == ReportExport.State.FAILED:
        locked.state, locked.attempts, locked.error = ReportExport.State.REQUESTED, 0, ""
        locked.save(update_fields=["state", "attempts", "error"])
        from records.tasks import build_export as task

        nudge(task, locked.pk)
    return locked
