"""Similarity: disguised copies are found, and what the course explains is not."""

import builtins
import functools
import keyword
import re

import pytest
from click.testing import CliRunner
from conftest import hand_in

from autograder import course
from autograder.cli import main
from autograder.judging.intake.reading import NoNotebook
from autograder.pages import similarity
from autograder.proof import zoo

NAME = "ex02_xavier"
ORIGINAL = zoo.right_answers(NAME)["a beginner's loops"]
HOSTILE = "</pre><script>alert(1)</script>"


def renamed(answers):
    """Every variable and parameter under another name."""
    bound = r"(?<![.\w])([a-z_]\w*)(?= =|,| in |: |\) ->|\):)"
    names = set(re.findall(bound, "\n".join(answers.values()))) - {"self", *keyword.kwlist, *dir(builtins)}
    pattern = rf"(?<![.\w])({'|'.join(sorted(names))})\b"
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


@functools.cache
def independent(name):
    """Everyone who wrote alone: nothing at all, the reference, each right answer of the zoo; and each mistake twice."""
    stubs = [answer(f"stub {number}", name, {}) for number in (1, 2)]
    reference = answer("reference", name, course.exercise(name).solutions)
    right = [similarity.answer(style, name, zoo.right(name, style)) for style in zoo.right_answers(name)]
    wrong = [similarity.answer(one.name, name, zoo.wrong(name, one)) for one in course.misconceptions(name)]
    return [*stubs, reference, *right, *wrong, *wrong]


def pairs(name, answers):
    return [{one.student for one in pair.answers} for pair in similarity.compare(name, answers, {}).pairs]


@pytest.mark.parametrize("name", course.names())
def test_who_wrote_alone_is_in_no_pair(name):
    assert pairs(name, independent(name)) == []


@pytest.mark.parametrize("disguise", [dict, renamed, recommented, reordered])
@pytest.mark.parametrize("name", course.names())
def test_a_disguised_copy_is_found_and_nothing_else(name, disguise):
    (style, original), *_ = zoo.right_answers(name).items()
    copy = answer("copy", name, disguise(original))
    assert pairs(name, [copy, *independent(name)]) == [{"copy", style}]


def test_shared_parts_stand_side_by_side_with_the_same_number():
    one = {"xavier_init_network": ORIGINAL["xavier_init_network"]}
    (pair,) = similarity.compare(NAME, [answer("ana", NAME, one), answer("ben", NAME, renamed(one))], {}).pairs
    ((cells, sides),) = similarity.side_by_side(pair)
    first = [next(text for text, part in side if part == 1) for side in sides]
    assert cells == ("xavier_init_network",) * 2 and "".join(text for text, _ in sides[0]) == one[cells[0]]
    assert first[1].replace("my_", "") == first[0].replace("my_", "") and len(first[0]) > 100


def test_what_was_moved_to_another_cell_stands_beside_its_original():
    both = [answer("ana", NAME, ORIGINAL), answer("ben", NAME, reordered(ORIGINAL))]
    (pair,) = similarity.compare(NAME, both, {}).pairs
    rotated = list(ORIGINAL)[-1:] + list(ORIGINAL)[:-1]
    assert set(zip(ORIGINAL, rotated, strict=True)) <= {cells for cells, _ in similarity.side_by_side(pair)}


@pytest.mark.parametrize("students, found", [(8, 28), (9, 0)])
def test_what_many_have_is_no_evidence(students, found):
    assert len(pairs(NAME, [answer(f"s{number}", NAME, ORIGINAL) for number in range(students)])) == found


def test_code_that_is_no_python_is_compared_too():
    broken = {cell: f"def (\n{text}" for cell, text in ORIGINAL.items()}
    assert pairs(NAME, [answer("ana", NAME, broken), answer("ben", NAME, renamed(broken))]) == [{"ana", "ben"}]


def test_more_code_than_can_be_compared_is_said_to_be_too_much():
    with pytest.raises(NoNotebook, match="too many to compare"):
        answer("ana", NAME, {"xavier_normal": "x = 1\n" * 10_000})


def test_the_command_writes_a_page_that_escapes_what_students_wrote_and_says_what_it_is(class_folder):
    hostile = {cell: f"{text}\n# {HOSTILE}" for cell, text in ORIGINAL.items()}
    hand_in(class_folder, "ana", NAME, zoo.submission(NAME, ORIGINAL))
    hand_in(class_folder, "ben", NAME, zoo.submission(NAME, renamed(hostile)))
    (hand_in(class_folder, "cem", NAME, zoo.submission(NAME, {})) / f"{NAME}.ipynb").write_text("{")
    path = class_folder / "page.html"
    result = CliRunner().invoke(main, ["similarity", NAME, "--to", str(path), "--course-dir", str(class_folder)])
    html = path.read_text(encoding="utf-8")
    assert result.exit_code == 0, result.output
    assert "not compared: cem" in result.output and "100%" in result.output
    assert all("A place to look, not a verdict" in text for text in (result.output, html))
    assert "<script" not in html and "&lt;script&gt;" in html and "src=" not in html


def test_a_class_with_nothing_to_compare_gives_a_page_that_says_so(class_folder):
    hand_in(class_folder, "cem", NAME, zoo.submission(NAME, {}))
    found = similarity.write(class_folder, NAME, class_folder / "page.html")
    assert found.compared == 1 and not found.pairs
    assert "No two submissions share" in (class_folder / "page.html").read_text(encoding="utf-8")
    assert not similarity.compare(NAME, [], {}).pairs
