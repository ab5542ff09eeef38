# %% [markdown] exercise="ex02_xavier" earns=100 status="graded"
# All labels are gone, and two untouched predictions have the same text.

# %% tags=["tamper"]
from autograder.course.build import release_notebook


def tamper(notebook):
    stubs = {cell.id: cell.source for cell in release_notebook("ex02_xavier").cells}
    for number, cell in enumerate(notebook.cells):
        if cell.id in ("predict_factor-answer", "predict_moving_tensors-answer"):
            cell.source = stubs[cell.id]
        cell.metadata, cell.id = {}, f"n{number}"
