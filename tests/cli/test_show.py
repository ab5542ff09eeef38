"""What a long run says of itself: a bar on a terminal, a plain line a minute elsewhere."""

import io
from types import SimpleNamespace
from unittest import mock

import pytest
from rich.console import Console

from autograder.cli import show


def judged(student, status="graded"):
    return SimpleNamespace(submission=SimpleNamespace(student=student), verdict=SimpleNamespace(status=status))


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_says_how_many_how_fast_how_long_and_who_was_in_trouble_last(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, color_system=None, width=120)
    with mock.patch.object(show, "time") as clock:
        clock.monotonic.return_value = 0
        with show.progress(10, console) as seen:
            for number, status in enumerate(["graded", "timeout", "crashed", "graded"], 1):
                clock.monotonic.return_value = 25 * number
                assert seen(one := judged(f"student{number}", status)) is one
    said = console.file.getvalue()
    if terminal:
        assert "4/10 2/min" in said
        assert "student3: crashed" in said
    else:
        assert said == "3 of 10 judged, 2/min, 3 min left. student3: crashed\n"
