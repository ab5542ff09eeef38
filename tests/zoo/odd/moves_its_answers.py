# %% [markdown] exercise="ex05_normalization" earns=100 status="graded" says="moved, and put back"
# The answers were moved to the top, one after the other, in another order.

# %% tags=["tamper"]
def tamper(notebook):
    answers = [cell for cell in notebook.cells if cell.id.endswith("-answer")]
    rest = [cell for cell in notebook.cells if cell not in answers]
    notebook.cells = [*rest[:2], *answers[::-1], *rest[2:]]
