# %% [markdown] exercise="ex03_he" earns=100 status="graded" says="answered in the cell 'he_uniform-answer'"
# Two answers were merged into the lower one's cell.

# %% tags=["tamper"]
def tamper(notebook):
    cells = {cell.id: cell for cell in notebook.cells}
    upper = cells["he_normal-answer"]
    cells["he_uniform-answer"].source = upper.source + "\n\n" + cells["he_uniform-answer"].source
    notebook.cells.remove(upper)
