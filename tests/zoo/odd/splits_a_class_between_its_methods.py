# %% [markdown] exercise="ex06_dropout" earns=100 status="graded" says="split inside a statement, and put together"
# A class was split between two methods (JupyterLab's "Split Cell"): both halves have the label.

# %% tags=["tamper"]
import copy


def tamper(notebook):
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "dropout_variants-answer")
    upper, lower = notebook.cells[place], copy.deepcopy(notebook.cells[place])
    cut = upper.source.index("    def drop_block")
    upper.source, lower.source, lower.id = upper.source[:cut].rstrip(), lower.source[cut:], "half"
    notebook.cells.insert(place + 1, lower)
