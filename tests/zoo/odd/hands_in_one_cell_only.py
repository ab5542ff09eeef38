# %% [markdown] exercise="ex09_ensembles" earns=100 status="graded" says="deleted, and put back"
# All answers stand in one cell, and there is no other cell in the notebook.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell


def tamper(notebook):
    answers = [cell.source for cell in notebook.cells if cell.id.endswith("-answer")]
    notebook.cells = [new_code_cell("\n\n\n".join(answers))]
