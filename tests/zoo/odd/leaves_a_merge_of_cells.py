# %% [markdown] exercise="ex10_comparison" earns=100 status="needs_review" says="begins a conflict that git left open"
# nbdime leaves both versions of a cell, between cells of text that say whose they are.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell, new_markdown_cell


def tamper(notebook):
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "holm-answer")
    marks = [new_markdown_cell(f'<span style="color:red">**{text}**</span>') for text in ("<<<<<<< local", "=======", ">>>>>>> remote")]
    notebook.cells[place : place + 1] = [marks[0], new_code_cell("predicted = 1"), marks[1], notebook.cells[place], marks[2]]
