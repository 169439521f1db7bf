"""One sitting through everything that breaks: whatever the page said is saved is in the log, and nothing given is lost."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sitting_page import Candidate, logged, profile
from tests.journeys.test_sitting_browser import at_the_page, begin
from tests.lms.served import Served, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]
QUESTIONS = 20
CUTS = 50
# A device whose clock is a day ahead, with everything that reads it.
A_DAY_OFF = """
const DAY = 86400000, Real = Date;
window.Date = class extends Real {
  constructor(...given) { given.length ? super(...given) : super(Real.now() + DAY); }
  static now() { return Real.now() + DAY; }
};
"""


def check_promises(one: Candidate) -> None:
    """Every answer that the page counts as saved now is the one that counts in the log."""
    saved = "[...document.querySelectorAll('#questions .answered:not(.unsent)')].map(link => Number(link.dataset.nav))"
    promised: list[int] = one.page.evaluate(saved)
    shown = {slot: one.chosen(slot) for slot in promised}
    in_log = logged(one.sitting)
    assert {slot: in_log.get(slot) for slot in promised} == shown


def check_form(one: Candidate) -> None:
    """The form shows what was given last."""
    assert {slot: one.chosen(slot) for slot in one.given} == one.given


def test_fifty_cuts_killed_processes_and_a_wrong_clock_lose_nothing(
    driver: Any, platform: Served, tmp_path: Path
) -> None:
    chance = random.Random(20261125)
    sitting = begin(count=QUESTIONS, time_limit_seconds=3600)
    platform.start()
    folder = tmp_path / "profile"

    with profile(driver, folder) as context:
        context.add_init_script(A_DAY_OFF)
        one = at_the_page(context, platform, sitting)
        shown = one.page.inner_text("#clock")
        assert shown in ("1:00:00", "60:00") or shown[:2] in ("59", "58"), "the server's clock rules"
        link = context.new_cdp_session(one.page)
        link.send("Network.enable")
        for cut in range(CUTS):
            kind = chance.choice(("cut", "slow", "restored", "restored"))
            link.send(
                "Network.emulateNetworkConditions",
                {
                    "offline": kind == "cut",
                    "latency": 300 if kind == "slow" else 0,
                    "downloadThroughput": 4000 if kind == "slow" else -1,
                    "uploadThroughput": 2000 if kind == "slow" else -1,
                },
            )
            one.choose(chance.randint(1, QUESTIONS), chance.randrange(3))
            one.page.wait_for_timeout(chance.randrange(20, 300))
            if cut % 10 == 9:
                if kind != "cut":
                    one.page.reload()
                    one.ready()
                check_form(one)
                check_promises(one)
        everything = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        link.send("Network.emulateNetworkConditions", everything)
        one.page.evaluate("window.dispatchEvent(new Event('online'))")
        one.wait_saved()
        check_promises(one)
        assert logged(sitting) == one.given

        # The web process dies in the middle of the exam, and comes back.
        os.killpg(platform.children()["web"], signal.SIGKILL)
        for slot in range(1, 6):
            one.choose(slot, chance.randrange(3))
        one.wait_saved(90)
        assert logged(sitting) == one.given
        assert one.errors == []

        # The browser dies with answers that it could not send.
        context.set_offline(True)
        for slot in range(6, 12):
            one.choose(slot, chance.randrange(3))
        one.page.wait_for_timeout(300)
        given = one.given
        kill_browser(folder)

    with profile(driver, folder) as context:
        again = at_the_page(context, platform, sitting)
        again.given = given
        check_form(again)
        again.wait_saved(60)
        assert logged(sitting) == given
        again.hand_in()
        digest = again.wait_receipt()
    sitting.refresh_from_db()
    assert sitting.events.filter(kind="submit").get().digest == digest
    assert logged(sitting) == given
    seqs = list(sitting.events.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def kill_browser(folder: Path) -> None:
    """SIGKILL the browser of a profile, which has no time to write anything."""
    victims = [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and f"--user-data-dir={folder}".encode() in _command(entry)
    ]
    assert victims
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    wait_until(
        lambda: not any(Path(f"/proc/{pid}").exists() and _command(Path(f"/proc/{pid}")) for pid in victims), "its end"
    )


def _command(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""
