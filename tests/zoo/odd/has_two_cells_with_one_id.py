# %% [markdown] exercise="ex05_normalization" earns=100 status="graded"
# A download from Colab, opened in JupyterLab: a copied experiment has the id of the original.

# %% tags=["tamper"]
import copy


def tamper(notebook):
    place = next(i for i, cell in enumerate(notebook.cells) if "display(table)" in cell.source)
    twin = copy.deepcopy(notebook.cells[place])
    twin.source = "mine = 1\n" + twin.source
    notebook.cells.insert(place + 1, twin)
