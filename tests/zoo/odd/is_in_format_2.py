# %% [markdown] exercise="ex01_gradient_flow" earns=100 status="graded" says="had lost their ends"
# IPython 0.12's format: worksheets, "input" for code, and lines without their ends.

# %% tags=["files"]
import json


def files(folder, notebook):
    cells = []
    for cell in notebook.cells:
        text = "input" if cell.cell_type == "code" else "source"
        cells.append({"cell_type": cell.cell_type, text: cell.source.split("\n"), "outputs": [], "language": "python"})
    data = {"nbformat": 2, "metadata": {"name": "mine"}, "worksheets": [{"cells": cells}]}
    (folder / "ex01_gradient_flow.ipynb").write_text(json.dumps(data))
