"""Every attack of the zoo, behind both kinds of walls: it earns what its honest part is worth, and leaves nothing."""

import json
import re
from pathlib import Path

import pytest

from autograder import course
from autograder.judging.fence.sandbox import TIERS, Sandbox, SandboxError
from autograder.judging.fence.settings import Seconds
from autograder.judging.judge import judge
from autograder.proof import zoo

QUICK = Seconds(cell=4, probe=4, submission=40)
PLANTED = [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/"), Path.home()]


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


def test_every_attack_names_an_exercise_and_tells_its_story():
    assert len(zoo.attacks()) >= 5
    for attack in zoo.attacks():
        assert attack.exercise in course.names()
        assert len(attack.story) > 40


def test_every_attack_stands_in_the_table_of_what_is_tested():
    table = (course.ROOT / "SECURITY.md").read_text(encoding="utf-8")
    files = {path.stem for path in (zoo.ZOO / "hostile").glob("*.py")}
    rows = re.findall(r"^\| (\d+|–) \|.*?\| (`.*`) \|$", table, re.MULTILINE)
    assert {name for _, names in rows for name in re.findall(r"`(\w+)`", names)} == files
    assert [int(number) for number, _ in rows if number != "–"] == list(range(1, 53))
