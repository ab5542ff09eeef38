# %% [markdown] exercise="ex02_xavier" earns=100 status="graded" says="deleted, and put back"
# All checks and experiments were deleted, and the text as well.

# %% tags=["tamper"]
def tamper(notebook):
    kept = [cell for cell in notebook.cells if cell.id.endswith("-answer") or cell.source.startswith("import ")]
    notebook.cells = kept
