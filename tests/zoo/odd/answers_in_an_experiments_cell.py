# %% [markdown] exercise="ex10_comparison" earns=100 status="graded" says="answered in the cell 'cell-53b69810'"
# One answer replaces an experiment, whose label it has, and its own cell was deleted.

# %% tags=["tamper"]
def tamper(notebook):
    cells = {cell.id: cell for cell in notebook.cells}
    own = cells["holm-answer"]
    cells["cell-53b69810"].source = own.source
    notebook.cells.remove(own)
