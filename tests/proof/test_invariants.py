"""The invariants that make grades trustworthy, for every exercise and every attack that there is."""

import itertools
import json
import re
from pathlib import Path

import pytest

from autograder import course
from autograder.judging.fence.sandbox import TIERS, Sandbox, SandboxError
from autograder.judging.fence.settings import Seconds
from autograder.judging.hidden_tests import collecting
from autograder.judging.judge import judge
from autograder.proof import invariants, matrix, zoo

QUICK = Seconds(cell=4, probe=4, submission=40)
PLANTED = [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/"), Path.home()]


# Each in a group of its own, as it takes so long: they are shared out one by one, behind everything else.
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in course.names()])
def test_right_answers_earn_everything_and_each_wrong_one_loses_its_own_task(name, settings):
    """Each eighth wrong one, as `course check` takes minutes for all of them: `.ci/run` calls it."""
    found = list(invariants.check(name, settings, every=8))
    assert {one.name: one.problems for one in found if one.problems} == {}
    rows = [line for line in matrix.page(name, found).splitlines() if 'scope="row"' in line]
    assert len(rows) > len(zoo.right_answers(name))
    assert set(rows) <= set(matrix.path(name).read_text(encoding="utf-8").splitlines()), "run `course check --pages`"


@pytest.fixture(scope="module", params=TIERS)
def tier(request):
    with Sandbox(tiers=[request.param]) as box:
        try:
            box.session().end()
        except SandboxError as error:
            pytest.skip(str(error))
        yield box


@pytest.mark.parametrize("attack", zoo.attacks(), ids=lambda attack: attack.name)
def test_an_attack_earns_what_its_honest_part_is_worth(attack, tier):
    verdict, notebook = judge(zoo.hostile(attack), attack.exercise, tier, QUICK)
    assert verdict.points == attack.earns
    assert verdict.status in attack.status.split()
    shown = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    assert "GOT THROUGH" not in json.dumps(shown) + verdict.to_json()
    assert [path for folder in PLANTED for path in folder.glob("planted*")] == []
    assert _untouched(tier)


def _untouched(box):
    """What the next submission finds: an empty folder, torch as it was, no trace in the environment."""
    code = "import os, torch\n"
    code += "print(os.listdir(), hasattr(torch, 'poisoned'), 'POISONED' in os.environ, torch.ones(2).relu())"
    session = box.session()
    reply = session.run(code)
    session.end()
    left = {path.name for path in box._folder.path.iterdir()} - {"root", "matplotlib", "server.log"}
    return reply["outputs"][0]["text"] == "[] False False tensor([1., 1.])\n" and not left


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


def test_every_attack_names_an_exercise_and_tells_its_story():
    assert len(zoo.attacks()) >= 5
    for attack in zoo.attacks():
        assert attack.exercise in course.names()
        assert len(attack.story) > 40


def test_there_are_odd_but_honest_submissions_of_every_exercise():
    cases = {name: zoo.odd(name) for name in course.names()}
    assert sum(map(len, cases.values())) >= 60 and min(map(len, cases.values())) >= 3
    assert {case.name for found in cases.values() for case in found} == {
        path.stem for path in (zoo.ZOO / "odd").glob("*.py")
    }
    assert all(len(case.story) > 30 for found in cases.values() for case in found)


def test_every_attack_stands_in_the_table_of_what_is_tested():
    table = (course.ROOT / "SECURITY.md").read_text(encoding="utf-8")
    files = {path.stem for path in (zoo.ZOO / "hostile").glob("*.py")}
    rows = re.findall(r"^\| (\d+|–) \|.*?\| (`.*`) \|$", table, re.MULTILINE)
    assert {name for _, names in rows for name in re.findall(r"`(\w+)`", names)} == files
    assert [int(number) for number, _ in rows if number != "–"] == list(range(1, 53))


def test_names_of_misconceptions_are_unique_in_the_whole_course():
    names = [(name, wrong.name) for name in course.names() for wrong in course.misconceptions(name)]
    assert [key for key, group in itertools.groupby(sorted(names)) if len(list(group)) > 1] == []


def test_the_matrix_has_a_page_for_every_exercise_and_no_other():
    assert (matrix.FOLDER / "index.html").read_text(encoding="utf-8") == matrix.index(), "run `course check --pages`"
    assert {path.stem for path in matrix.FOLDER.glob("ex*.html")} == set(course.names())
