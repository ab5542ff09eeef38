# %% [markdown] exercise="ex05_normalization" earns=100 status="graded" says="answered in the cell 'cell-"
# One answer was written into the cell with the imports, whose label it has; its own cell is untouched.

# %% tags=["tamper"]
from autograder.course.build import release_notebook


def tamper(notebook):
    cells = {cell.id: cell for cell in notebook.cells}
    own = cells["recommend_normalization-answer"]
    imports = next(cell for cell in notebook.cells if cell.source.startswith("import "))
    imports.source += "\n\n" + own.source
    own.source = {cell.id: cell.source for cell in release_notebook("ex05_normalization").cells}[own.id]
