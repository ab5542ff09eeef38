# %% [markdown] exercise="ex08_early_stopping" earns=100 status="graded" says="answered in the cell 'early_stopping-answer'"
# All answers stand in one new cell behind the imports; the cells that were meant for them are untouched.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell

from autograder.course.build import release_notebook


def tamper(notebook):
    answers = [cell for cell in notebook.cells if cell.id.endswith("-answer")]
    own = new_code_cell("\n\n\n".join(cell.source for cell in answers))
    stubs = {cell.id: cell.source for cell in release_notebook("ex08_early_stopping").cells}
    for cell in answers:
        cell.source = stubs[cell.id]
    notebook.cells.insert(2, own)
