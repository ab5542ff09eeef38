"""The invariants that make grades trustworthy, for every exercise and every attack that there is."""

import itertools

import pytest

from autograder import checks, course, matrix, zoo
from autograder.judge import judge
from autograder.sandbox import Seconds

QUICK = Seconds(cell=6, probe=2, submission=20)


@pytest.mark.parametrize("name", course.names())
def test_right_answers_earn_everything_and_each_wrong_one_loses_its_own_task(name, sandbox):
    found = list(checks.check(name, sandbox, Seconds()))
    assert {one.name: one.problems for one in found if one.problems} == {}
    assert matrix.path(name).read_text(encoding="utf-8") == matrix.page(name, found), "run `course check --pages`"


@pytest.mark.parametrize("attack", zoo.attacks(), ids=lambda attack: attack.name)
def test_an_attack_earns_what_its_honest_part_is_worth(attack, sandbox):
    verdict, _ = judge(zoo.hostile(attack), attack.exercise, sandbox, QUICK)
    assert (verdict.points, verdict.status) == (attack.earns, attack.status)


@pytest.mark.parametrize("name", course.names())
def test_the_reference_and_the_release_are_judged_alike_on_every_seed(name, sandbox, monkeypatch):
    for variant in range(0, 16, 5):
        monkeypatch.setattr("autograder.judge.variant", lambda notebook, variant=variant: variant)
        verdict, _ = judge(zoo.reference(name), name, sandbox, Seconds())
        assert verdict.points == 100, (variant, verdict.to_json())
        verdict, _ = judge(zoo.submission(name, {}), name, sandbox, Seconds())
        assert verdict.points == 0, variant


@pytest.mark.parametrize("name", course.names())
def test_there_are_enough_right_and_wrong_answers_to_trust_the_tests(name):
    assert len(course.misconceptions(name)) >= 15
    assert len(zoo.right_answers(name)) >= 6


def test_every_attack_names_an_exercise_and_tells_its_story():
    assert len(zoo.attacks()) >= 5
    for attack in zoo.attacks():
        assert attack.exercise in course.names()
        assert len(attack.story) > 40


def test_names_of_misconceptions_are_unique_in_the_whole_course():
    names = [(name, wrong.name) for name in course.names() for wrong in course.misconceptions(name)]
    assert [key for key, group in itertools.groupby(sorted(names)) if len(list(group)) > 1] == []


def test_the_matrix_has_a_page_for_every_exercise_and_no_other():
    assert (matrix.FOLDER / "index.html").read_text(encoding="utf-8") == matrix.index(), "run `course check --pages`"
    assert {path.stem for path in matrix.FOLDER.glob("ex*.html")} == set(course.names())
