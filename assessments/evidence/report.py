"""The report of a verification, for people in both languages or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.utils import translation

from assessments.evidence.verify import Check
from common.messages import in_both


def print_report(out: Any, checks: Sequence[Check], *, subject: str, as_json: bool) -> None:
    """Write to a command's output: {"status", "subject", "checks": [{"name", "ok", "detail", "detail_vi"}]}, or lines."""
    proven = all(check.ok for check in checks)
    if as_json:
        report = {
            "status": "proven" if proven else "not_proven",
            "subject": subject,
            "checks": [_as_json(check) for check in checks],
        }
        out.write(json.dumps(report, ensure_ascii=False, indent=1))
        return
    for check in checks:
        out.write(f"{'✓' if check.ok else '✗'} {check.name:<12} {in_both(check.detail)}")
    verdict = "Chứng minh được / Proven" if proven else "KHÔNG chứng minh được / NOT proven"
    out.write(f"{verdict}: {subject}")


def _as_json(check: Check) -> dict[str, Any]:
    said = {}
    for key, language in (("detail", "en"), ("detail_vi", "vi")):
        with translation.override(language):
            said[key] = str(check.detail)
    return {"name": check.name, "ok": check.ok, **said}
