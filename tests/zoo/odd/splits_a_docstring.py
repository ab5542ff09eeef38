# %% [markdown] exercise="ex09_ensembles" earns=100 status="graded" says="split inside a statement, and put together"
# A class was split inside its docstring, and again inside a method.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell


def tamper(notebook):
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "ensemble_model-answer")
    text = notebook.cells[place].source
    lines = text.split("\n")
    inside = next(number for number, line in enumerate(lines) if '"""' in line) + 1
    later = max(number for number, line in enumerate(lines) if line.startswith("        return"))
    parts = ["\n".join(lines[:inside]), "\n".join(lines[inside:later]), "\n".join(lines[later:])]
    notebook.cells[place].source = parts[0]
    notebook.cells[place + 1 : place + 1] = [new_code_cell(part) for part in parts[1:]]
