# %% [markdown] exercise="ex09_ensembles" earns=100 status="graded" says="turned into text, and read as code"
# The key R in Jupyter's command mode made raw text of two answers' cells.

# %% tags=["tamper"]
def tamper(notebook):
    for cell in notebook.cells:
        if cell.id in ("disagreement-answer", "stacking_ensemble-answer"):
            cell.cell_type = "raw"
