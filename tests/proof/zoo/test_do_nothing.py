"""Answers made from signatures alone, and what is asked of them and of answers without content."""

import pytest

from autograder import course
from autograder.judging.verdict import TaskResult, Verdict
from autograder.proof import invariants, zoo
from autograder.proof.zoo import do_nothing


@pytest.mark.parametrize(
    ("style", "body"),
    [
        ("returns {}", "return {}"),
        ("returns argument 1", "return weight"),
        ("returns zeros like argument 1", "return 0 * weight"),
        ("returns ones like argument 2", "return 0 * training + 1"),
        ("returns argument 3", "return self"),
        ("always raises ValueError", "raise ValueError(f'weight is {weight}, training is {training}')"),
    ],
)
def test_a_method_does_one_thing_with_the_arguments_that_its_signature_names(style, body):
    text = do_nothing.answers("ex06_dropout")[style]["dropout_variants"]
    method = text.partition("def dropconnect")[2].partition("def ")[0]
    assert method.strip().splitlines()[1:] == [f"        {body}"]


def test_a_constructor_keeps_its_arguments():
    text = do_nothing.answers("ex06_dropout")["returns None"]["dropout_variants"]
    assert "super().__init__()\n        self.drop_prob = drop_prob\n        self.generator = generator\n" in text


@pytest.mark.parametrize(("points", "problems"), [(1.5, 0), (1.51, 1), (None, 1)])
def test_doing_nothing_may_earn_a_twentieth_of_a_task(points, problems):
    verdict = Verdict("ex06_dropout", "graded", [TaskResult("one", 30.0, points, []), TaskResult("two", 70.0, 0.0, [])])
    (ask,) = {ask for kind, _, _, ask in do_nothing.to_judge("ex06_dropout") if kind == "do nothing"}
    assert len(ask(verdict)) == problems


@pytest.mark.parametrize(("points", "problems"), [(20.0, 0), (20.01, 1), (None, 1)])
def test_an_answer_without_content_may_earn_a_fifth_of_the_exercise(points, problems):
    verdict = Verdict("ex06_dropout", "graded", [TaskResult("one", 100.0, points, [])])
    (ask,) = [ask for kind, _, _, ask in do_nothing.to_judge("ex06_dropout") if kind == "content free"]
    assert len(ask(verdict)) == problems


def test_check_judges_both_kinds_once_they_are_asked_for(monkeypatch):
    kinds = [answer.kind for answer in invariants._answers("ex06_dropout", 1)]
    assert kinds.count("do nothing") == len(do_nothing.answers("ex06_dropout"))
    assert kinds.count("content free") == 1


@pytest.mark.parametrize("name", course.names())
def test_every_solution_that_is_judged_has_an_answer_without_content(name):
    assert set(zoo.content_free(name)) == {task.solution for task in course.exercise(name).tasks}
