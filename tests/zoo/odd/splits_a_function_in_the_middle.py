# %% [markdown] exercise="ex07_mixup" earns=100 status="graded" says="split inside a statement, and put together"
# A function was split before its last lines; the lower half has no label, as in VS Code.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell


def tamper(notebook):
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "cutmix_data-answer")
    lines = notebook.cells[place].source.split("\n")
    cut = max(number for number, line in enumerate(lines) if line.startswith("    return"))
    notebook.cells[place].source = "\n".join(lines[:cut])
    notebook.cells.insert(place + 1, new_code_cell("\n".join(lines[cut:])))
