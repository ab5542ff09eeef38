"""Similarity: disguised copies are found, and what the course explains is not."""

import re

import pytest
from click.testing import CliRunner
from conftest import hand_in

from autograder import course, similarity, zoo
from autograder.cli import main
from autograder.reading import NoNotebook

NAME = "ex04_batch_norm"
HOSTILE = "</pre><script>alert(1)</script>"


def renamed(answers):
    """Every variable and parameter under another name."""
    bound = r"(?<![.\w])([a-z_]\w*)(?= =|,| in |: |\) ->|\):)"
    names = set(re.findall(bound, "\n".join(answers.values()))) - {"self", "None", "True", "False", "else", "try"}
    pattern = r"(?<![.\w])(%s)\b" % "|".join(sorted(names))
    return {cell: re.sub(pattern, r"my_\1", text) for cell, text in answers.items()}


def recommented(answers):
    """Other comments, and texts of another wording."""
    return {
        cell: re.sub(r'"[^"\n]+"', '"in my own words"', re.sub(r" *(#.*)?$", "  # my own idea", text, flags=re.M))
        for cell, text in answers.items()
    }


def reordered(answers):
    """Methods and functions in reverse, each cell's in the place of another one."""
    blocks = {cell: re.split(r"\n\n(?= *(?:def|class|@))", text) for cell, text in answers.items()}
    texts = ["\n\n".join([first, *reversed(rest)]) for first, *rest in blocks.values()]
    return dict(zip(answers, texts[1:] + texts[:1], strict=True))


def answer(student, name, answers):
    return similarity.answer(student, name, zoo.submission(name, answers))


def independent(name):
    """Everyone who wrote alone: nothing at all, the reference, each right answer of the zoo; and each mistake twice."""
    yield from (answer(f"stub {number}", name, {}) for number in (1, 2))
    yield answer("reference", name, course.exercise(name).solutions)
    yield from (similarity.answer(style, name, zoo.right(name, style)) for style in zoo.right_answers(name))
    for wrong in course.misconceptions(name):
        yield from (similarity.answer(f"{wrong.name} {number}", name, zoo.wrong(name, wrong)) for number in (1, 2))


def pairs(name, answers):
    return [{one.student for one in pair.answers} for pair in similarity.compare(name, list(answers), {}).pairs]


@pytest.mark.parametrize("name", course.names())
def test_who_wrote_alone_is_in_no_pair(name):
    assert pairs(name, independent(name)) == []


@pytest.mark.parametrize("disguise", [dict, renamed, recommented, reordered])
@pytest.mark.parametrize("name", course.names())
def test_a_disguised_copy_is_found_and_nothing_else(name, disguise):
    (style, original), *_ = zoo.right_answers(name).items()
    copy = answer("copy", name, disguise(original))
    assert pairs(name, [copy, *independent(name)]) == [{"copy", style}]
