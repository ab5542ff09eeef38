# %% [markdown] exercise="ex10_comparison" earns=100 status="graded" says="answered in the cell 'cell-"
# One answer replaces an experiment, whose label it has, and its own cell was deleted.

# %% tags=["tamper"]
def tamper(notebook):
    cells = {cell.id: cell for cell in notebook.cells}
    own = cells["holm-answer"]
    next(cell for cell in notebook.cells if "raw_p = " in cell.source).source = own.source
    notebook.cells.remove(own)
