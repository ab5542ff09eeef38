# %% [markdown] exercise="ex08_early_stopping" earns=100 status="graded" says="ipynb has fewer answers"
# The first task was answered in the notebook, all of them in its copy.

# %% tags=["files"]
import copy
import json

from autograder.course.build import release_notebook


def files(folder, notebook):
    stubs = {cell.id: cell.source for cell in release_notebook("ex08_early_stopping").cells}
    first = copy.deepcopy(notebook)
    for cell in first.cells:
        if cell.id == "train_with_early_stopping-answer":
            cell.source = stubs[cell.id]
    (folder / "ex08_early_stopping.ipynb").write_text(json.dumps(first))
    (folder / "ex08_early_stopping-Copy1.ipynb").write_text(json.dumps(notebook))
