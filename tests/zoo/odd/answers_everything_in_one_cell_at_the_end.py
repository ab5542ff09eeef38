# %% [markdown] exercise="ex01_gradient_flow" earns=100 status="graded" says="recognized by the text: 'forward_pass-answer'"
# All answers stand in one new cell at the end, below all checks; the cells that were meant for them are untouched.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell

from autograder.course.build import release_notebook


def tamper(notebook):
    answers = [cell for cell in notebook.cells if cell.id.endswith("-answer")]
    notebook.cells.append(new_code_cell("\n\n\n".join(cell.source for cell in answers)))
    stubs = {cell.id: cell.source for cell in release_notebook("ex01_gradient_flow").cells}
    for cell in answers:
        cell.source = stubs[cell.id]
