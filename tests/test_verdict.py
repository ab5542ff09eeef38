"""Verdicts add up to the last hundredth, survive JSON, and fail closed."""

import json
from fractions import Fraction

import pytest

from autograder.verdict import TaskResult, TestResult, Verdict, from_json, share


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


def test_a_tests_name_is_its_sentence():
    assert TestResult("test_running_variance_is_unbiased", "passed").sentence == "Running variance is unbiased"
    assert TestResult("test_holds[relu]", "passed").sentence == "Holds (relu)"
