# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded" says="turned into text, and read as code"
# The key 2 in Jupyter's command mode made a heading of an answer's cell.

# %% tags=["tamper"]
def tamper(notebook):
    cell = next(cell for cell in notebook.cells if cell.id == "custom_batch_norm-answer")
    cell.cell_type, cell.source = "markdown", "## " + cell.source
