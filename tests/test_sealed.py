"""A verdict on disk is read as it was written, or it is noticed that it is not."""

import json
import shutil

import pytest

from autograder.sealed import FILE, read, write
from autograder.verdict import EDITED, UNSEALED, TaskResult, TestResult, Verdict

SEALED = Verdict("x", "graded", [TaskResult("a", 10, 5.0, [TestResult("test_it_holds", "failed", "no", "1", "2")])])


@pytest.fixture
def written(tmp_path):
    """A verdict as it lies beside ana's notebook."""
    write(SEALED, tmp_path / "ana" / "x")
    return tmp_path / "ana" / "x" / FILE


def test_what_is_written_is_read_whatever_its_layout(written):
    assert read(written.parent) == SEALED
    written.write_text(json.dumps(json.loads(written.read_text()), sort_keys=True))
    assert read(written.parent) == SEALED
    assert read(written.parents[1]) is None


@pytest.mark.parametrize(
    ("old", "new"), [('"points": 5.0', '"points": 9.0'), ('"failed"', '"passed"'), ("{", ""), ('"tasks"', '"task"')]
)
def test_what_is_changed_by_hand_is_noticed_and_nothing_of_it_is_used(written, old, new):
    written.write_text(written.read_text().replace(old, new, 1))
    found = read(written.parent)
    assert (found.edited, found.needs_person, found.tasks, found.causes) == (True, True, [], [EDITED])


def test_the_verdict_of_somebody_else_is_noticed(written):
    shutil.copytree(written.parents[1], written.parents[2] / "bob")
    assert read(written.parents[2] / "bob" / "x").edited


def test_a_verdict_from_before_there_were_seals_is_read_and_says_so(written):
    data = json.loads(written.read_text())
    del data["seal"], data["seconds"]
    written.write_text(json.dumps(data))
    found = read(written.parent)
    assert (found.doubt, found.edited, found.needs_person) == (UNSEALED, False, False)
    assert found.tasks == SEALED.tasks and "doubt" not in found.to_json()
