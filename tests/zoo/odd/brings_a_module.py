# %% [markdown] exercise="ex05_normalization" earns=100 status="graded" says="helpers.py, which the notebook imports"
# An answer stands in a module beside the notebook, which imports it.

# %% tags=["files"]
import json


def files(folder, notebook):
    cell = next(cell for cell in notebook.cells if cell.id == "recommend_normalization-answer")
    (folder / "helpers.py").write_text(cell.source)
    cell.source = "import sys\n\nsys.path.insert(0, '')\nfrom helpers import recommend_normalization"
    (folder / "ex05_normalization.ipynb").write_text(json.dumps(notebook))
