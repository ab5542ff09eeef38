"""Verdicts add up to the last hundredth, survive JSON, and fail closed."""

import json
from fractions import Fraction

import pytest
from rich.console import Console

from autograder.cli import show
from autograder.judging.verdict import STATUSES, Mistake, TaskResult, TestResult, Verdict, from_json, share
from autograder.pages import grade_cell


@pytest.mark.parametrize(
    ("points", "passed", "total", "earned"),
    [(30, 2, 3, 20.0), (25, 1, 3, 8.33), (25, 2, 3, 16.67), (10, 0, 4, 0.0), (1, 1, 8, 0.13), (2.5, 1, 4, 0.63)],
)
def test_a_task_earns_its_share_to_the_last_hundredth(points, passed, total, earned):
    assert share(Fraction(str(points)), passed, total) == earned


def test_parts_add_up_exactly():
    tasks = [TaskResult(str(number), 0.1, 0.1, []) for number in range(10)]
    assert Verdict("x", "graded", tasks).points == 1.0


def test_an_undecided_task_leaves_the_sum_open():
    tasks = [TaskResult("a", 50, 50.0, []), TaskResult("b", 50, None, [])]
    assert Verdict("x", "needs_review", tasks).points is None


def test_a_verdict_survives_json_and_fields_of_another_version():
    verdict = Verdict(
        "x", "graded", [TaskResult("a", 10, 5.0, [TestResult("test_it_holds", "failed", "no", "1", "2")])]
    )
    data = json.loads(verdict.to_json()) | {"new": 1}
    del data["jail"]
    assert from_json(json.dumps(data)) == verdict


def test_a_verdict_of_before_a_task_could_have_several_mistakes_is_read():
    old = {"name": "a", "max_points": 10, "points": 5.0, "tests": [], "misconception": "drops a term", "hint": "Look."}
    none = old | {"name": "b", "misconception": "", "hint": ""}
    found = from_json(json.dumps({"exercise": "x", "status": "graded", "tasks": [old, none]}))
    assert [task.mistakes for task in found.tasks] == [[Mistake("drops a term", "Look.")], []]


def test_two_mistakes_stand_side_by_side_on_the_page_and_on_the_terminal():
    mistakes = [Mistake("drops a term", "Count them."), Mistake("flips `sign`", "See the formula.")]
    verdict = Verdict("x", "graded", [TaskResult("a", 10, 5.0, [], mistakes)])
    html = grade_cell.outputs(verdict, "a")[0].data["text/html"]
    console = Console(record=True, width=200)
    show.verdict(verdict, console)
    assert "an answer that drops a term." in html and "an answer that also flips <code>sign</code>." in html
    assert all(mistake.hint in html and mistake.hint in console.export_text(clear=False) for mistake in mistakes)


def test_a_tests_name_is_its_sentence():
    assert TestResult("test_running_variance_is_unbiased", "passed").sentence == "Running variance is unbiased"
    assert TestResult("test_holds[relu]", "passed").sentence == "Holds (relu)"


def test_the_graders_failures_stand_apart_from_doubts_and_from_the_students_mistakes():
    tests = [TestResult("test_it_holds", "broken", "KeyError: 'a'"), TestResult("test_it_adds", "failed", "off by 1")]
    verdict = Verdict("x", "needs_review", [TaskResult("a", 1, None, tests)], notes=["two answers"], failure="a bug")
    assert verdict.failures == ["a bug", "It holds: KeyError: 'a'"]
    assert verdict.causes == ["two answers", "the grader failed: a bug", "the grader failed: It holds: KeyError: 'a'"]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_place_on_the_terminal_and_on_the_page(status):
    verdict = Verdict("x", status, [TaskResult("a", 10, None, [])], ["<b>mended</b>"], ["[red]doubt[/]"])
    console = Console(record=True, width=200)
    show.verdict(verdict, console)
    text = console.export_text()
    (cell,) = grade_cell.banner(verdict)
    assert f"({status}," in text and "[red]doubt[/]" in text and "mended: <b>mended</b>" in text
    assert "&lt;b&gt;mended" in cell.source and "\n\n" not in cell.source
    assert (STATUSES[status].words in text) == (STATUSES[status].words in cell.source) == (status != "graded")
    assert verdict.needs_person == (status in ("needs_review", "unreadable"))


def test_where_all_is_as_it_should_be_the_page_begins_with_the_notebook():
    assert grade_cell.banner(Verdict("x", "graded", [])) == []


@pytest.mark.parametrize("failure", ["", "RuntimeError: of ours"])
def test_a_task_that_is_open_says_whose_fault_it_is_and_shows_no_error_of_ours(failure):
    tests = [TestResult("test_it_holds", "broken", "KeyError: of ours")] if failure else []
    verdict = Verdict("x", "needs_review", [TaskResult("a", 10, None, tests)], failure=failure)
    html = grade_cell.outputs(verdict, "a")[0].data["text/html"]
    assert ("in the grader failed here, not in your answer" in html) == bool(failure)
    assert "not decided yet" in html and "of ours" not in html
