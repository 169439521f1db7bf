"""How the supervisor decides: back-off and log lines, without processes."""

from __future__ import annotations

import io
import json
from pathlib import Path

from lms.serve import leftovers
from lms.serve.output import Output
from lms.serve.supervisor import HEALTHY_SECONDS, LONGEST_DELAY, Child


def test_a_child_that_keeps_dying_waits_twice_as_long_each_time_up_to_a_limit() -> None:
    child = Child("worker", lambda: None, started=100.0)
    delays = [child.next_delay(now=101.0) for _ in range(9)]
    assert delays == [0.5, 1, 2, 4, 8, 16, LONGEST_DELAY, LONGEST_DELAY, LONGEST_DELAY]


def test_a_healthy_run_makes_the_wait_short_again() -> None:
    child = Child("worker", lambda: None, started=0.0)
    for _ in range(5):
        child.next_delay(now=1.0)
    assert child.next_delay(now=HEALTHY_SECONDS - 0.01) == 16
    assert child.next_delay(now=HEALTHY_SECONDS) == 0.5


def test_each_line_carries_the_name_of_its_process() -> None:
    stream = io.StringIO()
    output = Output(stream)
    output.feed("web", "một dòng\nnửa ".encode())
    output.feed("beat", b"other\n")
    output.feed("web", "dòng\r\n".encode())
    output.feed("worker", b"cut off")
    output.finish("worker")
    assert stream.getvalue().splitlines() == [
        "web    | một dòng",
        "beat   | other",
        "web    | nửa dòng",
        "worker | cut off",
    ]


def test_letters_cut_in_two_by_the_pipe_come_out_whole() -> None:
    stream = io.StringIO()
    output = Output(stream)
    data = "sẵn sàng\n".encode()
    for byte in data:
        output.feed("web", bytes([byte]))
    assert stream.getvalue() == "web    | sẵn sàng\n"


def test_a_number_that_now_belongs_to_another_process_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "serve.json"
    row = {"name": "web", "pid": 1, "start_time": -1}
    path.write_text(json.dumps({"pid": 1, "children": [row]}))
    assert leftovers.end_leftovers(path) == []


def test_an_unreadable_list_of_processes_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "serve.json"
    path.write_text("{half")
    assert leftovers.end_leftovers(path) == []
    assert leftovers.end_leftovers(tmp_path / "none.json") == []
