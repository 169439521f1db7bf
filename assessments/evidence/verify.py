"""Verification of a sitting from its evidence alone: same bytes, same chain, same marks.

Each check is named and says what it found; the first thing at fault in each is told. Nothing that the evidence says
of itself is believed: digests are computed, signatures checked, and marks given anew by the engine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.evidence import keys
from assessments.evidence.archive import unpack
from assessments.evidence.contents import (
    DOCUMENTS,
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    ROWS,
    SIGNATURE,
    Contents,
    read_contents,
)
from assessments.evidence.faults import Fault
from assessments.evidence.replay import replay_run
from common.digests import chain_digest, digest_of, sha256_hex
from common.exceptions import NotCanonical
from common.messages import filled

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `detail` says what was found."""

    name: str
    ok: bool
    detail: Text


class UnreadableEvidence(Fault):
    """The file is no bundle of evidence that this version can read."""


def verify_bundle(data: bytes, *, known_keys: Mapping[str, str] | None) -> list[Check]:
    """Every check of a bundle's bytes and of what it holds.

    `known_keys` (key id → public key, base64) are those that may have signed it; None: whichever it names, which
    proves that nothing was changed since, and not who signed. Raises UnreadableArchive and UnreadableEvidence.
    """
    opened = unpack(data)
    files = dict(opened.files)
    if files.keys().isdisjoint({MANIFEST, SIGNATURE, *DOCUMENTS, *ROWS}):
        raise UnreadableEvidence(_("This is another kind of ZIP file."))
    manifest = _manifest(files)
    checks = [
        _check("files", _("Every file is as the manifest says."), _files, files, manifest),
        _check("archive", _("The archive has no byte that is not of its files."), _archive, opened.difference),
        _check("signature", _signer(files, known_keys), _signature, files, known_keys),
    ]
    try:
        contents = read_contents(files)
    except ValueError as problem:
        message = filled(_("%(file)s cannot be read."), {"file": problem})
        return [*checks, Check("contents", False, message)]
    if contents.sitting.get("id") != manifest.get("sitting"):
        checks.append(Check("contents", False, _("The manifest is that of another sitting.")))
    return [*checks, *verify_contents(contents)]


def verify_contents(contents: Contents) -> list[Check]:
    """Every check of what a sitting's rows say: digests, chains and marks."""
    return [
        _check("rules", _("The rules are those that were published."), _rules, contents),
        _check("paper", _("The paper is the one that was drawn."), _paper, contents),
        _check("questions", _("Every question is as it was asked."), _questions, contents),
        _check("answers", _counted(contents), _answers, contents),
        _check("supervision", _("The officers' log is whole."), _supervision, contents),
        _check("marks", _marked(contents), _marks, contents),
        _check("result", _("The result is that of its marking."), _result, contents),
    ]


def _check(name: str, found: Text, rule: Callable[..., None], *args: Any) -> Check:
    try:
        rule(*args)
    except Fault as fault:
        return Check(name, False, fault.detail)
    except (KeyError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, NotCanonical) as problem:
        message = filled(_("Something is missing or has another form (%(what)s)."), {"what": _brief(problem)})
        return Check(name, False, message)
    return Check(name, True, found)


def _brief(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"[:200]


# The file --------------------------------------------------------------------------------------------------------


def _manifest(files: Mapping[str, bytes]) -> Mapping[str, Any]:
    try:
        manifest = json.loads(files.get(MANIFEST, b""))
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict):
        # The file begins as a bundle does: damaged rather than foreign.
        return {"files": {}}
    version = manifest.get("version")
    is_later = manifest.get("format") == FORMAT and isinstance(version, int) and version > FORMAT_VERSION
    # Only a signed manifest is believed: an unsigned one with another version was altered.
    if is_later and keys.is_signed(files[MANIFEST], _read_signature(files)):
        raise UnreadableEvidence(_("This bundle is of a later version; verify it with a newer platform."))
    return manifest


def _files(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    listed = manifest.get("files")
    if not isinstance(listed, dict) or not listed:
        raise Fault(filled(_("%(file)s is damaged or missing."), {"file": MANIFEST}))
    for name, told in listed.items():
        if name not in files:
            raise Fault(filled(_("%(file)s is damaged or missing."), {"file": name}))
        if told != {"bytes": len(files[name]), "sha256": sha256_hex(files[name])}:
            raise Fault(filled(_("%(file)s was altered."), {"file": name}))
    for name in files:
        if name not in listed and name not in {MANIFEST, SIGNATURE}:
            raise Fault(filled(_("%(file)s does not belong to the bundle."), {"file": name}))


def _archive(difference: tuple[int, str] | None) -> None:
    if difference is None:
        return
    place, file = difference
    if file:
        raise Fault(filled(_("The archive was altered at byte %(byte)s, in %(file)s."), {"byte": place, "file": file}))
    raise Fault(filled(_("The archive was altered at byte %(byte)s, behind its files."), {"byte": place}))


def _signature(files: Mapping[str, bytes], known_keys: Mapping[str, str] | None) -> None:
    signature = _signature_of(files)
    if not keys.is_signed(files.get(MANIFEST, b""), signature):
        raise Fault(filled(_("%(one)s or %(other)s was altered after signing."), {"one": MANIFEST, "other": SIGNATURE}))
    if known_keys is not None and known_keys.get(signature["key_id"]) != signature["public_key"]:
        message = _("Signed by the key %(key)s, which is none of the issuer's.")
        raise Fault(filled(message, {"key": signature["key_id"]}))


def _signature_of(files: Mapping[str, bytes]) -> Mapping[str, Any]:
    signature = _read_signature(files)
    if not signature:
        raise Fault(filled(_("%(file)s is damaged or missing."), {"file": SIGNATURE}))
    return signature


def _read_signature(files: Mapping[str, bytes]) -> Mapping[str, Any]:
    try:
        signature = json.loads(files[SIGNATURE])
    except (KeyError, ValueError, RecursionError):
        return {}
    return signature if isinstance(signature, dict) else {}


def _signer(files: Mapping[str, bytes], known_keys: Mapping[str, str] | None) -> Text:
    key = _read_signature(files).get("key_id", "")
    if known_keys is None:
        message = _(
            "Signed by the key %(key)s and unchanged since; whose key it is, the issuer's published keys tell (--keys)."
        )
        return filled(message, {"key": key})
    return filled(_("Signed by the issuer's key %(key)s."), {"key": key})


# What it holds ---------------------------------------------------------------------------------------------------


def _rules(contents: Contents) -> None:
    version = contents.sitting["quiz_version"]
    if digest_of(version["blueprint"]) != version["digest"]:
        raise Fault(_("The rules of the quiz are not those of their digest."))


def _paper(contents: Contents) -> None:
    paper = contents.paper
    digest = digest_of(paper_content(contents.sitting["quiz_version"]["digest"], paper))
    if digest != paper["digest"]:
        raise Fault(_("The paper is not that of its digest."))


def paper_content(quiz_version: str, paper: Mapping[str, Any]) -> dict[str, Any]:
    """What the digest of a paper covers; `drawn_from` only where the draw recorded what it depended on."""
    content = {"quiz_version": quiz_version, "seed": paper["seed"], "slots": paper["slots"]}
    return {**content, "inputs": paper["inputs"]} if paper.get("inputs") else content


def _questions(contents: Contents) -> None:
    versions = {version["id"]: version for version in contents.versions}
    for version in versions.values():
        if digest_of({"type": version["type"], "body": version["body"]}) != version["digest"]:
            raise Fault(filled(_("The question %(name)s was altered."), {"name": version["idnumber"]}))
    for slot in contents.paper["slots"]:
        asked = versions.get(slot["version"])
        if asked is None or (asked["digest"], asked["type"]) != (slot["digest"], slot["type"]):
            raise Fault(filled(_("Question %(slot)s is not the one of the paper."), {"slot": slot["slot"]}))


def _answers(contents: Contents) -> None:
    head = contents.paper["digest"]
    for number, row in enumerate(contents.events, start=1):
        content = {"sitting": contents.sitting["id"], **{name: row[name] for name in EVENT_FIELDS}}
        if row["seq"] != number or row["previous_digest"] != head or chain_digest(head, content) != row["digest"]:
            message = _("Entry %(number)s of the answers (question %(slot)s) was altered, removed or put in.")
            raise Fault(filled(message, {"number": number, "slot": row.get("slot") or "–"}))
        head = row["digest"]
    if (head, len(contents.events)) != (contents.sitting["chain_head"], contents.sitting["last_seq"]):
        message = _("The log of answers ends at %(found)s entries, and there were %(told)s.")
        raise Fault(filled(message, {"found": len(contents.events), "told": contents.sitting["last_seq"]}))


EVENT_FIELDS = ("seq", "kind", "slot", "response", "client_time", "server_time", "late")


def _counted(contents: Contents) -> Text:
    return filled(_("All %(count)s entries of the answers follow from each other."), {"count": len(contents.events)})


SUPERVISION_FIELDS = ("number", "kind", "seconds", "text", "reason", "by", "at", "key", "log_seq", "log_digest")


def _supervision(contents: Contents) -> None:
    head = ""
    heads = {0: contents.paper["digest"], **{event["seq"]: event["digest"] for event in contents.events}}
    for number, row in enumerate(contents.supervision, start=1):
        content = {"sitting": contents.sitting["id"], **{name: row[name] for name in SUPERVISION_FIELDS}}
        follows = row["number"] == number and row["previous_digest"] == head
        if (
            not follows
            or chain_digest(head, content) != row["digest"]
            or heads.get(row["log_seq"]) != row["log_digest"]
        ):
            message = _("Entry %(number)s of the officers' log was altered, removed or put in.")
            raise Fault(filled(message, {"number": number}))
        head = row["digest"]
    if head != contents.sitting["supervision_head"]:
        raise Fault(_("The officers' log was cut short."))
    named = [event["response"].get("supervision", "") for event in contents.events if event["kind"] == "submit"]
    if any(name and name not in {row["digest"] for row in contents.supervision} for name in named):
        raise Fault(_("The officers' log is not the one that the paper was handed in with."))


def _marks(contents: Contents) -> None:
    rules = contents.sitting["quiz_version"]["blueprint"]
    for number, run in enumerate(contents.runs, start=1):
        if run["number"] != number:
            raise Fault(filled(_("Marking %(run)s is missing."), {"run": number}))
        replay_run(run, rules=rules, paper=contents.paper, versions=contents.versions, events=contents.events)
    if not contents.runs and contents.sitting["state"] in {"graded", "waiting"}:
        raise Fault(filled(_("Marking %(run)s is missing."), {"run": 1}))


def _marked(contents: Contents) -> Text:
    message = _("Markings that came out the same when done again, question by question: %(count)s.")
    return filled(message, {"count": len(contents.runs)})


def _result(contents: Contents) -> None:
    sitting = contents.sitting
    if sitting["current_run"] is None:
        if sitting["state"] == "graded" or sitting["score"] is not None:
            raise Fault(_("There is a result without a marking."))
        return
    run = next((run for run in contents.runs if run["number"] == sitting["current_run"]), None)
    if run is None:
        raise Fault(filled(_("Marking %(run)s is missing."), {"run": sitting["current_run"]}))
    if sitting["state"] != "graded":
        return
    told = (sitting["score"], sitting["max_score"], sitting["passed"])
    if told != (run["score"], run["max_score"], run["passed"]):
        message = _("The sitting says %(told)s, and its marking %(run)s gives %(found)s.")
        raise Fault(filled(message, {"told": sitting["score"], "run": run["number"], "found": run["score"]}))
