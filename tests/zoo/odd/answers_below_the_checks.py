# %% [markdown] exercise="ex02_xavier" earns=100 status="graded" says="without a label, and recognized"
# Each answer stands in a new cell below the check; the cell that was meant for it has a remark and the stub still.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell

from autograder.course.build import release_notebook


def tamper(notebook):
    stubs = {cell.id: cell.source for cell in release_notebook("ex02_xavier").cells}
    for cell in [cell for cell in notebook.cells if cell.id.endswith("-answer")]:
        notebook.cells.insert(notebook.cells.index(cell) + 2, new_code_cell(cell.source))
        cell.source = "# my answer is further down\n" + stubs[cell.id]
