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
