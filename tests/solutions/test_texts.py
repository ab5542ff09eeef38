"""What all ten texts have in common for their readers."""

import re

import pytest

from autograder import course


def cells(name, kind="code"):
    return [cell.source for cell in course.exercise(name).cells if cell.cell_type == kind]


@pytest.mark.parametrize("name", course.names())
def test_a_prediction_has_a_name_and_an_example_and_may_be_left_out(name):
    code = "\n".join(cells(name))
    asked = re.findall(r"^(?:# )*(predicted_\w+) = None", code, re.MULTILINE)
    assert asked
    for variable in asked:
        assert re.search(rf"such as .*\n(# )*{variable} = None|{variable} = None  # .*such as", code)
    used = [name for name in re.findall(r"predicted_\w+", re.sub(r'"[^"]*"', "", code)) if name not in asked]
    assert used == []
    assert len(re.findall(r"^(?:# )*predicted_", code, re.MULTILINE)) == len(asked)


@pytest.mark.parametrize("name", course.names())
def test_torch_runs_in_one_thread_from_the_first_cell_on_that_has_it(name):
    first = next(source for source in cells(name) if re.search(r"^(# )?import torch$", source, re.MULTILINE))
    assert "torch.set_num_threads(1)" in first


def sections(name):
    """By solution with graded tasks, how many tasks it has and the text from its heading to its cell."""
    exercise, text = course.exercise(name), []
    for cell in exercise.cells:
        if cell.cell_type == "markdown" and re.match("## (Task|Going further): ", cell.source):
            text = []
        text.append(cell.source)
        if tasks := exercise.tasks_of(cell.metadata.get("solution")):
            yield len(tasks), "\n".join(text[:-1])


def hints(text):
    return re.findall(r"<details><summary>(.*?)</summary>\n(.*?)</details>", text, re.DOTALL)


@pytest.mark.parametrize("name", course.names())
def test_a_task_says_how_hard_it_is_where_its_idea_was_met_and_has_up_to_three_hints(name):
    for tasks, text in sections(name):
        assert re.match(r"## .*\n\n\*\*Difficulty [123] of 3\.\*\* Met before: ", text), text[:100]
        titles = [title for title, _ in hints(text)]
        assert 1 <= len(titles) <= 3 * tasks
        assert [title.partition(":")[0] for title in titles] == [f"Hint {n}" for n in range(1, len(titles) + 1)]


@pytest.mark.parametrize("name", course.names())
def test_no_hint_is_code(name):
    """Names may be named, and one call shown; nothing is assigned, defined or returned."""
    for _, text in sections(name):
        for title, hint in hints(text):
            assert "```" not in hint and not re.search("^    ", hint, re.MULTILINE), title
            for code in re.findall("`([^`]+)`", hint):
                assert not re.search(r"\b(def|return|lambda|for)\b|(?<![=<>!(\w])\s*=\s|[;\n]", code), code


@pytest.mark.parametrize("name", course.names())
def test_who_is_done_finds_one_step_further_with_its_paper(name):
    (further,) = [cell for cell in cells(name, "markdown") if "## Further" in cell]
    assert re.search(r"\*[A-Z][^*]+\*\s\([^()]*(19|20)\d\d\)", further.partition("## Further")[2].partition("\n## ")[0])
