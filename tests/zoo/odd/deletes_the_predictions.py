# %% [markdown] exercise="ex03_he" earns=100 status="graded" says="deleted, and put back"
# Predictions earn nothing, and were deleted.

# %% tags=["tamper"]
def tamper(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("predicted_")]
