# %% [markdown] exercise="ex10_comparison" earns=100 status="graded" says="helpers.py, which the notebook imports"
# An answer stands in a module beside the notebook, which imports it.

# %% tags=["files"]
import json


def files(folder, notebook):
    cell = next(cell for cell in notebook.cells if cell.id == "holm-answer")
    (folder / "helpers.py").write_text("import numpy as np\n\n\n" + cell.source)
    cell.source = "import sys\n\nsys.path.insert(0, '')\nfrom helpers import holm"
    (folder / "ex10_comparison.ipynb").write_text(json.dumps(notebook))
