"""A mistake is called by its own name or by none, two of them by both; and what is known of them is computed once."""

import pytest

from autograder import course
from autograder.judging import diagnosis
from autograder.judging.hidden_tests import collecting, memo
from autograder.judging.hidden_tests.reference import namespace, ours
from autograder.judging.hidden_tests.running import attempt
from autograder.judging.verdict import Mistake

NAME, TASK = "ex02_xavier", "fan_in_and_fan_out"
HEAD = "def fan_in_and_fan_out(weight):\n    "
REFUSE = "if weight.dim() < 2:\n        raise ValueError(f'no fans for {tuple(weight.shape)}')\n    "


@pytest.fixture(autouse=True)
def _nothing_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(memo, "FOLDER", tmp_path)
    diagnosis.replay.cache_clear()
    yield
    diagnosis.replay.cache_clear()


def heard(source):
    names = namespace(NAME, {TASK: source})
    tests = [test for test in collecting.tests(NAME, 0) if test.task == TASK]
    return [(test, attempt(test, ours(names, test.seed))[0]) for test in tests]


def named(source):
    return [wrong.name for wrong in diagnosis.find(heard(HEAD + source)).mistakes]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (REFUSE + "return weight[0].numel(), weight[:, 0].numel()", []),
        (REFUSE + "return weight[:, 0].numel(), weight[0].numel()", ["takes the first dimension for the fan-in"]),
        (REFUSE + "return weight[0].numel() + 1, 0", []),
        ("raise NotImplementedError", []),
        ("raise ZeroDivisionError", []),
        (
            "if weight.dim() < 2:\n        raise TypeError\n    return weight.shape[1], weight.shape[0]",
            ["leaves the kernel out", "refuses a bias with an error of another kind"],
        ),
        (
            "if weight.dim() < 2:\n        return weight.numel(), weight.numel()\n    "
            "fans = weight[0].numel(), weight[:, 0].numel()\n    return tuple(map(torch.tensor, fans))",
            ["gives the fans as tensors", "gives a bias fans"],
        ),
    ],
)
def test_mistakes_are_named_where_the_tests_tell_them_apart(source, names):
    assert named(source) == names


def test_what_explains_a_part_says_so():
    found = diagnosis.find(
        heard(HEAD + "if weight.dim() < 2:\n        raise KeyError\n    return weight.shape[1], weight.shape[0]")
    )
    assert [wrong.name for wrong in found.mistakes] == ["leaves the kernel out"] and found.partly
    assert Mistake("x", "y", partly=True).opening.startswith("This explains part of what fails")


def test_two_mistakes_of_which_each_could_be_another_are_not_named(monkeypatch):
    known = course.misconceptions(NAME)
    twin = diagnosis.Misconception("is a twin", TASK, known[1].old, known[1].new, "It gives the same.", "minor")
    monkeypatch.setattr(course, "misconceptions", lambda name: (*known, twin))
    assert named("if weight.dim() < 2:\n        raise TypeError\n    return weight.shape[1], weight.shape[0]") == []


def test_what_is_kept_is_read_by_the_next_process_and_computed_again_where_it_is_damaged(tmp_path, monkeypatch):
    source = "return weight[:, 0].numel(), weight[0].numel()"
    first = named(REFUSE + source)
    diagnosis.replay.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(diagnosis, "mistaken", None)  # nothing is computed
        assert named(REFUSE + source) == first
    diagnosis.replay.cache_clear()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path, damage in zip(files, [b"", b"\0\0\0\1\0\0\0\0{", b"\x80\4pickle", b"x" * 100] * len(files), strict=False):
        path.write_bytes(damage)
    assert files and named(REFUSE + source) == first


def test_a_change_of_what_answers_rest_on_forgets_them(tmp_path, monkeypatch):
    assert memo.kept(NAME, b"it", lambda: 1) == memo.kept(NAME, b"it", lambda: 2) == 1
    monkeypatch.setattr(memo.basis, "basis", lambda *_: {"torch": "another"})
    assert memo.kept(NAME, b"it", lambda: 2) == 2
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_where_nothing_can_be_written_it_is_computed_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(memo, "FOLDER", tmp_path / "file")
    assert [memo.kept(NAME, b"it", lambda number=number: number) for number in (1, 2)] == [1, 2]
