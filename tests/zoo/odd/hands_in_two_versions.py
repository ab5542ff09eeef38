# %% [markdown] exercise="ex03_he" status="needs_review" says="keep the one that counts as ex03_he.ipynb"
# Two notebooks with different answers: which one counts, only a person can say.

# %% tags=["files"]
import copy
import json


def files(folder, notebook):
    other = copy.deepcopy(notebook)
    for cell in other.cells:
        if cell.id == "he_gain-answer":
            cell.source += "\n\nGAIN = he_gain()"
    (folder / "ex03_he.ipynb").write_text(json.dumps(notebook))
    (folder / "ex03_he-Copy1.ipynb").write_text(json.dumps(other))
