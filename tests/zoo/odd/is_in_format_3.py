# %% [markdown] exercise="ex02_xavier" earns=100 status="graded" says="without a label, and recognized by the text"
# IPython 2's format: worksheets, "input" for code, cells for headings.

# %% tags=["files"]
import json


def files(folder, notebook):
    cells = [{"cell_type": "heading", "level": 1, "source": ["My homework"]}]
    for cell in notebook.cells:
        text = "input" if cell.cell_type == "code" else "source"
        cells.append({"cell_type": cell.cell_type, text: cell.source.splitlines(True), "outputs": [], "collapsed": False})
    data = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells, "metadata": {}}]}
    (folder / "ex02_xavier.ipynb").write_text(json.dumps(data))
