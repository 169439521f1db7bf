"""Papers: drawn, stored, repeated from what was stored, and which one a candidate gets. See docs/papers.md."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count, F
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import SittingRefused
from assessments.grading.engine import QuestionDefinition, open_question
from assessments.models import (
    Paper,
    PaperBasis,
    PaperSet,
    PaperTally,
    Question,
    QuestionVersion,
    Quiz,
    QuizVersion,
    ReservedPaper,
    Sitting,
    SlotGrade,
)
from assessments.papers import Blueprint, Candidate, PaperSlot, Policies, draw_paper
from assessments.papers.policies import basis_of, expected_percent
from assessments.services.quiz import groups_of, pools_of
from common.digests import digest_of
from common.locking import lock_row

Load = Callable[[list[int]], Mapping[int, Candidate]]
FEWEST_GRADES = 20  # below, a question's statistics say less than its difficulty
EXAM_KINDS = (Quiz.Kind.TEST, Quiz.Kind.EXAM)  # practice is never counted into what an exam expects
PRACTICE_KINDS = (Quiz.Kind.CHECK, Quiz.Kind.PRACTICE)
TOO_SMALL = _("The question bank no longer has enough questions for this quiz; tell the exam officer.")


# Which one ----------------------------------------------------------------------------------------------------


def paper_for(*, person: Any, quiz: Quiz, version: QuizVersion, attempt: int, at: datetime) -> Paper:
    """The paper of this person's attempt at a version of the quiz.

    One that waits for it; else one of the parallel papers in use; else one drawn now. Papers drawn beforehand are not
    taken for practice, where a question may have been reserved for exams since. Raises SittingRefused when the bank has
    become too small since publishing.
    """
    if quiz.kind in EXAM_KINDS:
        waiting = ReservedPaper.objects.filter(quiz_version=version, person=person, attempt=attempt)
        reserved = waiting.select_related("paper").first()
        if reserved is not None:
            return reserved.paper
        paper_set = PaperSet.objects.filter(quiz_version=version, in_use=True).first()
        if paper_set is not None:
            return parallel_paper_for(paper_set=paper_set, person=person, quiz=quiz, attempt=attempt)
    return draw_for(version=version, person=person, at=at)


def parallel_paper_for(*, paper_set: PaperSet, person: Any, quiz: Quiz, attempt: int) -> Paper:
    """Which of the parallel papers is this person's: by seat or in turn, with each attempt the next one.

    Whoever is not registered takes turns with those who started before.
    """
    papers = list(paper_set.papers.order_by("number").select_related("paper"))
    listed = quiz.registrations.filter(withdrawn_at__isnull=True)
    own = listed.filter(person=person).first()
    turn = seat_number(own.seat) if own is not None and paper_set.given_by == PaperSet.GivenBy.SEAT else None
    if turn is None:
        if own is not None:
            turn = listed.filter(candidate_number__lt=own.candidate_number).count()
        else:
            turn = Sitting.objects.filter(quiz_version=paper_set.quiz_version_id).count()
    return papers[(turn + attempt - 1) % len(papers)].paper


def seat_number(seat: str) -> int | None:
    """The number of a seat from 0: the last digits in its name, as of “P1-07”; None without any."""
    digits = ""
    for sign in reversed(seat):
        if sign.isascii() and sign.isdigit():
            digits = sign + digits
        elif digits:
            break
    return max(int(digits) - 1, 0) if digits else None


# Drawing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Basis:
    """What papers of a version are drawn from now: rules, pools, what policies know of the questions, and its row."""

    version: QuizVersion
    blueprint: Blueprint
    pools: list[list[int]]
    policies: Policies
    row: PaperBasis


@transaction.atomic
def draw_for(*, version: QuizVersion, person: Any, at: datetime) -> Paper:
    """Draw a paper for this person by the policies of the version. Raises SittingRefused."""
    blueprint = Blueprint.model_validate(version.blueprint)
    tally = lock_tally(version) if blueprint.exposure_percent is not None else None
    basis = basis_for(version=version, blueprint=blueprint, at=at)
    policies = replace(basis.policies, seen=seen_by(person, blueprint=blueprint, pools=basis.pools, at=at))
    if tally is not None:
        policies = exposed(policies, tally, blueprint=blueprint, pools=basis.pools)
    return make_paper(basis=basis, policies=policies, seed=secrets.token_hex(16), at=at, tally=tally)


def basis_for(
    *,
    version: QuizVersion,
    blueprint: Blueprint,
    at: datetime,
    balance: bool | None = None,
    row: PaperBasis | None = None,
) -> Basis:
    """What papers are drawn from now, or with `row` what they were drawn from then; equal ones are stored once."""
    wants_balance = blueprint.balance_difficulty if balance is None else balance
    if row is not None:
        policies = Policies.from_inputs({"balance": wants_balance}, row.content)
        return Basis(version, blueprint, row.content["pools"], policies, row)
    pools = pools_of(blueprint)
    policies = Policies(
        groups=groups_of(blueprint, pools),
        expected=expected_scores(version=version, blueprint=blueprint, pools=pools) if wants_balance else {},
        balance=wants_balance,
    )
    content = basis_of(pools, policies)
    row, _made = PaperBasis.objects.get_or_create(
        digest=digest_of(content), defaults={"content": content, "created_at": at}
    )
    return Basis(version, blueprint, pools, policies, row)


def make_paper(
    *,
    basis: Basis,
    policies: Policies,
    seed: str,
    at: datetime,
    load: Load | None = None,
    tally: PaperTally | None = None,
) -> Paper:
    """Draw and store one paper with all that the draw depended on; with a locked `tally`, count it.

    Raises SittingRefused when the bank has become too small since publishing.
    """
    try:
        slots = draw_paper(
            basis.blueprint, pools=basis.pools, load=load or load_candidates, seed=seed, policies=policies
        )
    except (ValueError, KeyError):
        raise SittingRefused(TOO_SMALL) from None
    if basis.blueprint.kind in PRACTICE_KINDS and _is_any_reserved(basis.blueprint):
        raise SittingRefused(
            _("A question of this quiz has been reserved for exams since it was published; tell its author.")
        )
    stored = [slot.as_json() for slot in slots]
    inputs = {"basis": basis.row.digest, **policies.inputs()}
    content = {"quiz_version": basis.version.digest, "seed": seed, "slots": stored, "inputs": inputs}
    paper = Paper.objects.create(
        quiz_version=basis.version,
        seed=seed,
        slots=stored,
        inputs=inputs,
        max_score=sum(slot.mark for slot in slots),
        digest=digest_of(content),
        created_at=at,
    )
    if tally is not None:
        count_paper(tally, slots)
    return paper


def _is_any_reserved(blueprint: Blueprint) -> bool:
    fixed = [row.question for row in blueprint.fixed]
    return bool(fixed) and Question.objects.filter(pk__in=fixed, exam_only=True).exists()


# What policies see --------------------------------------------------------------------------------------------


def seen_by(person: Any, *, blueprint: Blueprint, pools: list[list[int]], at: datetime) -> tuple[int, ...]:
    """Questions of the pools that were in papers of this person lately, oldest first; whatever quiz it was."""
    if blueprint.avoid_seen_days is None:
        return ()
    lately = Sitting.objects.filter(person=person, started_at__gte=at - timedelta(days=blueprint.avoid_seen_days))
    wanted = {question for pool in pools for question in pool}
    last: dict[int, None] = {}
    for slots in lately.order_by("started_at", "pk").values_list("paper__slots", flat=True):
        for slot in slots:
            if slot["question"] in wanted:
                last.pop(slot["question"], None)
                last[slot["question"]] = None
    return tuple(last)


def lock_tally(version: QuizVersion) -> PaperTally:
    """The counts of a version's papers, locked until the transaction ends: papers are counted one after the other."""
    PaperTally.objects.get_or_create(quiz_version=version)
    tally = lock_row(PaperTally.objects.filter(quiz_version=version))
    assert tally is not None
    return tally


def exposed(
    policies: Policies, tally: PaperTally, *, blueprint: Blueprint, pools: list[list[int]], papers: int = 1
) -> Policies:
    """With how often each question was used, and how often it may be when `papers` more are drawn."""
    if blueprint.exposure_percent is None:
        return policies
    wanted = {question for pool in pools for question in pool}
    used = {int(key): count for key, count in tally.used.items() if int(key) in wanted}
    return replace(policies, used=used, most=most_uses(blueprint, papers=tally.papers + papers))


def most_uses(blueprint: Blueprint, *, papers: int) -> int | None:
    """In how many of so many papers a question may be: the limit in percent, up to a whole paper."""
    if blueprint.exposure_percent is None:
        return None
    return -int(-blueprint.exposure_percent * papers // 100)


def count_paper(tally: PaperTally, slots: Iterable[PaperSlot]) -> None:
    """Count one paper into its locked tally."""
    tally.papers += 1
    for slot in slots:
        tally.used[str(slot.question)] = tally.used.get(str(slot.question), 0) + 1
    tally.save(update_fields=["papers", "used"])


def expected_scores(*, version: QuizVersion, blueprint: Blueprint, pools: list[list[int]]) -> dict[int, int]:
    """Expected score in percent of each question that may come: as measured in exams, else by its difficulty.

    Measured is what the current version of the question earned in marked tests and exams, from `FEWEST_GRADES` answers
    on; practice does not count. The figures are taken once for a version of the quiz, so that its papers are comparable.
    """
    wanted = {question for pool in pools for question in pool} | {row.question for row in blueprint.fixed}
    tally, _made = PaperTally.objects.get_or_create(quiz_version=version)
    if tally.expected is None:
        tally.expected = {str(key): value for key, value in measured_scores(wanted).items()}
        tally.save(update_fields=["expected"])
    found = {int(key): value for key, value in tally.expected.items() if int(key) in wanted}
    rest = Question.objects.filter(pk__in=wanted - found.keys()).values_list("pk", "difficulty")
    return found | {pk: expected_percent(difficulty) for pk, difficulty in rest}


def measured_scores(questions: Iterable[int]) -> dict[int, int]:
    """What the current versions of these questions earned in exams and tests, in percent; those with enough answers."""
    rows = (
        SlotGrade.objects.filter(
            question_version__question__in=list(questions),
            question_version=F("question_version__question__current_version"),
            run__sitting__current_run=F("run"),
            run__sitting__quiz__kind__in=EXAM_KINDS,
            fraction__isnull=False,
        )
        .values("question_version__question")
        .annotate(count=Count("pk"), mean=Avg("fraction"))
        .filter(count__gte=FEWEST_GRADES)
        .values_list("question_version__question", "mean")
    )
    return {question: min(max(round(100 * mean), 0), 100) for question, mean in rows}


# Questions ----------------------------------------------------------------------------------------------------


def load_candidates(questions: list[int]) -> dict[int, Candidate]:
    """The current versions of these questions, ready for a paper."""
    rows = Question.objects.filter(pk__in=questions, current_version__isnull=False).values_list(
        "pk",
        "current_version_id",
        "current_version__type",
        "current_version__digest",
        "current_version__body",
    )
    return {pk: _candidate(pk, version, type_name, digest, body) for pk, version, type_name, digest, body in rows}


def loading_once() -> Load:
    """`load_candidates` for many papers in a row: each question is read once."""
    known: dict[int, Candidate] = {}

    def load(questions: list[int]) -> Mapping[int, Candidate]:
        missing = [question for question in questions if question not in known]
        if missing:
            known.update(load_candidates(missing))
        return known

    return load


def _candidate(pk: int, version: int, type_name: str, digest: str, stored: Mapping[str, Any]) -> Candidate:
    question_type, body = open_question(QuestionDefinition(type_name, stored, digest))
    return Candidate(
        pk,
        version,
        type_name,
        digest,
        question_type.permutables(body),
        is_answered=question_type.is_answered,
        make_variant=partial(question_type.make_variant, body),
        pinned=question_type.pinned(body),
    )


# Repeating ----------------------------------------------------------------------------------------------------


def redrawn(paper: Paper) -> list[dict[str, Any]] | None:
    """The slots that a stored draw gives when it is repeated; None for papers that did not store what they depend on.

    Questions are those versions that the paper has; a question that it has not makes the repetition raise KeyError.
    """
    if not paper.inputs:
        return None
    content = PaperBasis.objects.values_list("content", flat=True).get(digest=paper.inputs["basis"])
    versions = QuestionVersion.objects.in_bulk([slot["version"] for slot in paper.slots])

    def load(questions: list[int]) -> dict[int, Candidate]:
        found = [versions[slot["version"]] for slot in paper.slots]
        return {row.question_id: _candidate(row.question_id, row.pk, row.type, row.digest, row.body) for row in found}

    slots = draw_paper(
        Blueprint.model_validate(paper.quiz_version.blueprint),
        pools=content["pools"],
        load=load,
        seed=paper.seed,
        policies=Policies.from_inputs(paper.inputs, content),
    )
    return [slot.as_json() for slot in slots]
