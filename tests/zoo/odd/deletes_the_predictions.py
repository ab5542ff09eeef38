# %% [markdown] exercise="ex03_he" earns=100 status="graded" says="missing, which changes no points"
# Predictions earn nothing, and were deleted.

# %% tags=["tamper"]
def tamper(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith("predict_")]
