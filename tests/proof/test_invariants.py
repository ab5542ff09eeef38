"""The invariants that make grades trustworthy, for every exercise."""

import itertools

import pytest

from autograder import course
from autograder.judging.hidden_tests import collecting
from autograder.judging.judge import judge
from autograder.proof import invariants, matrix, zoo


@pytest.mark.parametrize("name", course.names())
def test_right_answers_earn_everything_and_each_wrong_one_loses_its_own_task(name, settings):
    """Each eighth wrong one, as `course check` takes minutes for all of them: `.ci/run` calls it."""
    found = list(invariants.check(name, settings, every=8))
    assert {one.name: one.problems for one in found if one.problems} == {}
    rows = [line for line in matrix.page(name, found).splitlines() if 'scope="row"' in line]
    assert len(rows) > len(zoo.right_answers(name))
    assert set(rows) <= set(matrix.path(name).read_text(encoding="utf-8").splitlines()), "run `course check --pages`"


@pytest.mark.slow
@pytest.mark.parametrize("name", course.names())
def test_the_reference_and_the_release_are_judged_alike_on_every_seed(name, sandbox):
    for seed in range(1, collecting.VARIANTS):
        verdict, _ = judge(zoo.reference(name), name, sandbox, invariants.PATIENT, seed)
        assert verdict.points == 100, (seed, verdict.to_json())
        verdict, _ = judge(zoo.submission(name, {}), name, sandbox, invariants.PATIENT, seed)
        assert verdict.points == 0, seed


@pytest.mark.parametrize("name", course.names())
def test_there_are_enough_right_and_wrong_answers_to_trust_the_tests(name):
    assert len(course.misconceptions(name)) >= 15
    assert len(zoo.right_answers(name)) >= 6
    assert len(zoo.wrong_answers(name)) >= 4
    assert any(len(answer.holds) > 1 for answer in zoo.wrong_answers(name))


def test_there_are_odd_but_honest_submissions_of_every_exercise():
    cases = {name: zoo.odd(name) for name in course.names()}
    assert sum(map(len, cases.values())) >= 60 and min(map(len, cases.values())) >= 3
    assert {case.name for found in cases.values() for case in found} == {
        path.stem for path in (zoo.ZOO / "odd").glob("*.py")
    }
    assert all(len(case.story) > 30 for found in cases.values() for case in found)


def test_names_of_misconceptions_are_unique_in_the_whole_course():
    names = [(name, wrong.name) for name in course.names() for wrong in course.misconceptions(name)]
    assert [key for key, group in itertools.groupby(sorted(names)) if len(list(group)) > 1] == []


def test_the_matrix_has_a_page_for_every_exercise_and_no_other():
    assert (matrix.FOLDER / "index.html").read_text(encoding="utf-8") == matrix.index(), "run `course check --pages`"
    assert {path.stem for path in matrix.FOLDER.glob("ex*.html")} == set(course.names())
