"""The visible checks: right answers pass at once, and a mistake that they see gets a message that a person has read."""

import re

import pytest

from autograder import course
from autograder.proof import visible_checks

NAMES = course.names()


@pytest.mark.parametrize("name", NAMES)
def test_a_right_answer_passes_every_check(name):
    assert [one for one in visible_checks.on_reference(name) if one.message] == []


@pytest.mark.parametrize("name", NAMES)
def test_messages_are_those_that_were_read(name):
    """Each fourth, as `course check --visible` takes minutes for all of them."""
    known = visible_checks.readings(name)
    read = visible_checks.read_again(visible_checks.on_mistakes(name, every=4), known)
    assert [one.mistake for one in known] == [wrong.name for wrong in course.misconceptions(name)]
    assert list(read.values()) == list(known.values())[::4], "run `course check --visible`"


@pytest.mark.parametrize("name", NAMES)
def test_a_check_that_fails_says_more_than_an_error_and_is_no_crash_of_its_own(name):
    messages = [one.message for one in visible_checks.readings(name) if one.message]
    assert [text for text in messages if len(text) < 40 or re.match(r"\w+Error", text)] == []


def test_nearly_all_messages_point_to_the_cause():
    found = [reading for name in NAMES for reading in visible_checks.readings(name).values()]
    assert set(found) == {"points", "vague", "silent"}
    assert found.count("points") / (len(found) - found.count("silent")) > 0.9


def test_a_changed_message_waits_to_be_read_and_other_numbers_are_no_change():
    known = {
        visible_checks.Seen("a", "adds", "yours is [1.5, 2]", 0): "points",
        visible_checks.Seen("a", "drops", "no", 0): "vague",
    }
    again = [visible_checks.Seen("a", "adds", "yours is [1.25]", 0), visible_checks.Seen("a", "drops", "why?", 0)]
    again.append(visible_checks.Seen("a", "hides", "", 0))
    assert list(visible_checks.read_again(again, known).values()) == ["points", "unread", "silent"]


def test_what_a_check_says_is_an_assertion_or_the_error_by_name():
    assert visible_checks._run("assert 1 == 2, 'one is not two'", {})[0] == "one is not two"
    assert visible_checks._run("assert 1 == 2", {})[0] == "AssertionError"
    assert visible_checks._run("1 / 0", {})[0] == "ZeroDivisionError: division by zero"
