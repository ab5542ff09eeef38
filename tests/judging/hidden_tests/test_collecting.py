"""What of pytest a hidden test may use, and that the rest is refused with a sentence."""

import itertools

import pytest

from autograder import CourseError, course
from autograder.judging.hidden_tests import collecting, running

NAME = "ex04_batch_norm"
TASK = '@pytest.mark.task("custom_batch_norm_training")\n'
_numbers = itertools.count()


@pytest.fixture
def collected(tmp_path, monkeypatch):
    """The hidden tests in a text, as they are collected."""

    def collect(text):
        path = tmp_path / f"test_{next(_numbers)}.py"  # pytest keeps modules by name
        path.write_text(f"import unittest\nimport pytest\n{text}")
        monkeypatch.setattr(course, "hidden_tests", lambda name: path)
        collecting._items.cache_clear()
        return collecting.tests(NAME, 0)

    yield collect
    collecting._items.cache_clear()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{TASK}async def test_a(student): pass", "write def instead of async def"),
        (f"{TASK}def test_a(student): yield", "'yield' keyword"),
        (f"{TASK}def test_a(student, tmp_path): pass", "judging has no tmp_path, tmp_path_factory, only student"),
        (f"{TASK}def test_a(student, subtests): pass", "judging has no subtests"),
        (f"{TASK}def test_a(request, student): pass", "judging has no request"),
        (f"@pytest.fixture\ndef mine(): pass\n{TASK}def test_a(student, mine): pass", "judging has no mine"),
        (f"@pytest.fixture(autouse=True)\ndef mine(): pass\n{TASK}def test_a(student): pass", "judging has no mine"),
        (f"def setup_function(): pass\n{TASK}def test_a(student): pass", "judging has no setup_function"),
        (f"{TASK}@pytest.mark.skipif(True, reason='')\ndef test_a(student): pass", "@mark.skipif is of no use"),
        (f"{TASK}@pytest.mark.xfail\ndef test_a(student): pass", "@mark.xfail is of no use"),
        (f"class TestA:\n    {TASK}    def test_a(self, student): pass", "outside of a class"),
        (f"class TestA(unittest.TestCase):\n    {TASK}    def test_a(self): pass", "outside of a class"),
        ("pytest.skip('later', allow_module_level=True)", "the file skips itself (Skipped: later)"),
        ("pytest.importorskip('not_there')", "the file skips itself"),
    ],
)
def test_what_judging_would_leave_out_is_refused(text, words, collected):
    with pytest.raises(CourseError) as error:
        collected(text)
    assert words in str(error.value)


def test_parametrized_tests_are_called_with_their_values(collected):
    tests = collected(f"{TASK}@pytest.mark.parametrize('n', [1, 2])\ndef test_a(student, n): assert n == 1")
    assert [(test.name, running.attempt(test, None)[0].passed) for test in tests] == [
        ("test_a[1]", True),
        ("test_a[2]", False),
    ]


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        ("pytest.fail('the sum is not 1')", "failed", "the sum is not 1"),
        ("\n    with pytest.raises(ValueError): pass", "failed", "DID NOT RAISE"),
        ("assert 1 == pytest.approx(1.0)", "passed", ""),
        ("pytest.skip('not today')", "broken", "Skipped: not today"),
    ],
)
def test_what_pytest_raises_is_an_outcome_of_the_test(body, outcome, words, collected, monkeypatch):
    found = collected(f"{TASK}def test_a(): {body}")
    monkeypatch.setattr(running, "tests", lambda name, variant: found)
    ((heard,),) = running.hear(NAME, None, 0).values()
    assert heard.result.outcome == outcome and words in heard.result.message
