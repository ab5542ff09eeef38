# %% [markdown] exercise="ex07_mixup" earns=100 status="graded" says="answered in the cell 'soft_targets-answer'"
# Two answers were pasted into each other's cells.

# %% tags=["tamper"]
def tamper(notebook):
    cells = {cell.id: cell for cell in notebook.cells}
    one, other = cells["mixup_data-answer"], cells["soft_targets-answer"]
    one.source, other.source = other.source, one.source
