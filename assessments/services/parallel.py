"""Parallel papers (mã đề): requested, drawn by a worker one after the other, reported, and put to use."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import PaperSetRefused, SittingRefused
from assessments.models import PaperSet, ParallelPaper, Quiz, ReservedPaper, Sitting
from assessments.papers import Blueprint
from assessments.services.papers import EXAM_KINDS, basis_for, load_candidates, lock_tally, make_paper, most_uses
from common.locking import lock_row
from common.messages import filled
from common.sweeps import nudge

FEWEST, MOST = 2, 100


@transaction.atomic
def request_paper_set(
    *,
    quiz: Quiz,
    count: int,
    by: Any,
    at: datetime,
    questions: str = PaperSet.Questions.DIFFERENT,
    given_by: str = PaperSet.GivenBy.ROTATION,
    first_number: int = 101,
    seed: str = "",
) -> PaperSet:
    """Ask for `count` parallel papers of the published version, numbered from `first_number`; a worker draws them.

    One seed gives them all; without one it is made here. Raises PaperSetRefused for a quiz that is not published or is
    practice, and for a number of papers that makes no sense.
    """
    if quiz.current_version is None:
        raise PaperSetRefused(_("Publish the quiz first: parallel papers are papers of a published version."))
    if quiz.kind not in EXAM_KINDS:
        raise PaperSetRefused(_("Parallel papers are for tests and exams only."))
    if not FEWEST <= count <= MOST:
        raise PaperSetRefused(filled(_("Ask for %(least)d to %(most)d papers."), {"least": FEWEST, "most": MOST}))
    if not 1 <= first_number <= 999_900:
        raise PaperSetRefused(_("The first number is from 1 to 999900."))
    paper_set = PaperSet.objects.create(
        quiz_version=quiz.current_version,
        seed=seed or secrets.token_hex(16),
        count=count,
        first_number=first_number,
        questions=questions,
        given_by=given_by,
        requested_by=by,
        requested_at=at,
    )
    _nudge(paper_set)
    return paper_set


def _nudge(paper_set: PaperSet) -> None:
    from assessments.tasks import draw_paper_set

    nudge(draw_paper_set, paper_set.pk)


def work_on_paper_set(*, paper_set_id: int, at: datetime) -> None:
    """Draw the papers of a set that are missing, each in a transaction of its own. Done or failed, nothing happens.

    Stopped in the middle it goes on where it stopped; a bank that became too small is said in the row.
    """
    while _draw_next(paper_set_id=paper_set_id, at=at):
        pass


@transaction.atomic
def _draw_next(*, paper_set_id: int, at: datetime) -> bool:
    paper_set = lock_row(PaperSet.objects.filter(pk=paper_set_id, state=PaperSet.State.DUE), skip_locked=True)
    if paper_set is None:
        return False
    try:
        with transaction.atomic():
            _draw_one(paper_set, at=at)
    except SittingRefused as problem:
        paper_set.state, paper_set.error, paper_set.finished_at = PaperSet.State.FAILED, str(problem)[:500], at
    else:
        paper_set.made += 1
        if paper_set.made == paper_set.count:
            paper_set.state, paper_set.finished_at = PaperSet.State.READY, at
    paper_set.save(update_fields=["state", "error", "finished_at", "made", "basis"])
    return paper_set.state == PaperSet.State.DUE


def _draw_one(paper_set: PaperSet, *, at: datetime) -> None:
    """The next paper: from the same basis as the first, the less used questions first, towards the same difficulty."""
    version = paper_set.quiz_version
    blueprint = Blueprint.model_validate(version.blueprint)
    tally = lock_tally(version) if blueprint.exposure_percent is not None else None
    basis = basis_for(version=version, blueprint=blueprint, at=at, balance=True, row=paper_set.basis)
    paper_set.basis = basis.row
    policies = basis.policies
    number = paper_set.first_number + paper_set.made
    if paper_set.questions == PaperSet.Questions.SAME:
        policies = replace(policies, chosen_by=paper_set.seed)
    else:
        used: dict[int, int] = {}
        wanted = {question for pool in basis.pools for question in pool}
        for slots in paper_set.papers.values_list("paper__slots", flat=True):
            for slot in slots:
                if slot["question"] in wanted:
                    used[slot["question"]] = used.get(slot["question"], 0) + 1
        policies = replace(policies, used=used, most=most_uses(blueprint, papers=paper_set.count))
    paper = make_paper(
        basis=basis,
        policies=policies,
        seed=f"{paper_set.seed}-{number}",
        at=at,
        load=load_candidates,
        tally=tally,
    )
    ParallelPaper.objects.create(paper_set=paper_set, number=number, paper=paper)


@transaction.atomic
def retry_paper_set(*, paper_set: PaperSet) -> PaperSet:
    """Try a failed set again, from the paper where it stopped and with the bank as it is now."""
    locked = lock_row(PaperSet.objects.filter(pk=paper_set.pk))
    assert locked is not None
    if locked.state == PaperSet.State.FAILED:
        locked.state, locked.error, locked.finished_at = PaperSet.State.DUE, "", None
        if locked.made == 0:
            locked.basis = None
        locked.save(update_fields=["state", "error", "finished_at", "basis"])
        _nudge(locked)
    return locked


@transaction.atomic
def use_paper_set(*, paper_set: PaperSet, in_use: bool) -> PaperSet:
    """Give candidates who start from now on a paper of this set, or no longer. Running sittings keep theirs.

    Raises PaperSetRefused for a set that is not ready or belongs to an earlier version of the quiz.
    """
    quiz = lock_row(Quiz.objects.filter(pk=paper_set.quiz_version.quiz_id))
    locked = lock_row(PaperSet.objects.filter(pk=paper_set.pk))
    assert locked is not None
    assert quiz is not None
    if in_use and locked.state != PaperSet.State.READY:
        raise PaperSetRefused(_("These papers are not ready yet."))
    if in_use and quiz.current_version_id != locked.quiz_version_id:
        raise PaperSetRefused(_("The quiz was published anew since: draw parallel papers of the new version."))
    if in_use:
        PaperSet.objects.filter(quiz_version=locked.quiz_version_id, in_use=True).exclude(pk=locked.pk).update(
            in_use=False
        )
    locked.in_use = in_use
    locked.save(update_fields=["in_use"])
    # What waits for candidates and nobody has opened is chosen anew; the sweep finds who has no paper.
    started = Sitting.objects.filter(quiz_version=locked.quiz_version_id).values("person")
    ReservedPaper.objects.filter(quiz_version=locked.quiz_version_id).exclude(person__in=started).delete()
    return locked
