# %% [markdown] exercise="ex09_ensembles" earns=100 status="graded"
# A formatter rewrote all code: other quotes, other line breaks, no comments.

# %% tags=["tamper"]
import ast


def tamper(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = ast.unparse(ast.parse(cell.source))
