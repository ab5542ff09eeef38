# %% [markdown] exercise="ex10_comparison" earns=100 status="graded" says="turned into text, and read as code"
# The key R in Jupyter's command mode made raw text of two answers' cells.

# %% tags=["tamper"]
def tamper(notebook):
    for cell in notebook.cells:
        if cell.id in ("standardize-answer", "holm-answer"):
            cell.cell_type = "raw"
