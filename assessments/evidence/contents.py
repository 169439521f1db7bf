"""What an evidence bundle holds: the files, their manifest and its signature."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.evidence import keys
from assessments.evidence.archive import FIRST, pack
from common.digests import canonical_json, sha256_hex

FORMAT, FORMAT_VERSION = "hoc-so-evidence", 1
MANIFEST, SIGNATURE = FIRST, "signature.json"
ROWS = ("events.jsonl", "supervision.jsonl")
DOCUMENTS = ("sitting.json", "paper.json", "versions.json", "runs.json")
README = """Bằng chứng của một lượt làm bài / Evidence of one sitting

manifest.json      SHA-256 của từng tệp / of each file        signature.json   chữ ký Ed25519 trên manifest.json / over it
sitting.json       lượt làm bài và kết quả / the sitting and its result
paper.json         đề đã rút / the paper as drawn             versions.json    câu hỏi đúng như lúc thi / the questions as asked
events.jsonl       nhật ký bài làm, móc xích / the answers, chained
supervision.jsonl  việc của cán bộ coi thi, móc xích / what officers did, chained
runs.json          các lần chấm / the marking runs

Kiểm chứng, không cần cơ sở dữ liệu / to verify, without a database:  python manage.py verify_evidence TỆP.zip
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """A sitting as plain JSON: what its database rows say, and nothing else. See docs/evidence.md for each field."""

    sitting: Mapping[str, Any]
    paper: Mapping[str, Any]
    versions: list[Mapping[str, Any]]
    events: list[Mapping[str, Any]]
    supervision: list[Mapping[str, Any]]
    runs: list[Mapping[str, Any]]


def write_bundle(contents: Contents, *, made_at: str) -> bytes:
    """The signed ZIP; `made_at` is an ISO 8601 moment in UTC."""
    files = {
        "README.txt": README.encode("utf-8"),
        "sitting.json": _document(contents.sitting),
        "paper.json": _document(contents.paper),
        "versions.json": _document(contents.versions),
        "events.jsonl": _rows(contents.events),
        "supervision.jsonl": _rows(contents.supervision),
        "runs.json": _document(contents.runs),
    }
    manifest = _document(
        {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "sitting": contents.sitting["id"],
            "made_at": made_at,
            "files": {name: {"bytes": len(data), "sha256": sha256_hex(data)} for name, data in files.items()},
        }
    )
    return pack({MANIFEST: manifest, SIGNATURE: _document(keys.sign(manifest)), **files})


def read_contents(files: Mapping[str, bytes]) -> Contents:
    """The contents of a bundle's files. Raises ValueError, naming the file that cannot be read."""
    documents = {name: _read(name, files) for name in DOCUMENTS}
    events, supervision = (_read_rows(name, files) for name in ROWS)
    for name, kind in (("sitting.json", dict), ("paper.json", dict), ("versions.json", list), ("runs.json", list)):
        if not isinstance(documents[name], kind):
            raise ValueError(name)
    return Contents(
        documents["sitting.json"],
        documents["paper.json"],
        documents["versions.json"],
        events,
        supervision,
        documents["runs.json"],
    )


def _document(value: Any) -> bytes:
    return canonical_json(value) + b"\n"


def _rows(rows: list[Mapping[str, Any]]) -> bytes:
    return b"".join(canonical_json(row) + b"\n" for row in rows)


def _read(name: str, files: Mapping[str, bytes]) -> Any:
    try:
        return json.loads(files[name])
    except (KeyError, ValueError, RecursionError):
        raise ValueError(name) from None


def _read_rows(name: str, files: Mapping[str, bytes]) -> list[Mapping[str, Any]]:
    try:
        rows = [json.loads(line) for line in files[name].split(b"\n") if line]
    except (KeyError, ValueError, RecursionError):
        raise ValueError(name) from None
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError(name)
    return rows
