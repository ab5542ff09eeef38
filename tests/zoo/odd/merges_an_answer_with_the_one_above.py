# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded" says="answered in the cell 'batch_norm_backward-answer'"
# The answer to the last task was merged with the one above it (JupyterLab's "Merge Cell Above"), which leaves one
# cell with the upper one's label.

# %% tags=["tamper"]
def tamper(notebook):
    cells = {cell.id: cell for cell in notebook.cells}
    lower = cells["fold_batch_norm-answer"]
    cells["batch_norm_backward-answer"].source += "\n\n" + lower.source
    notebook.cells.remove(lower)
