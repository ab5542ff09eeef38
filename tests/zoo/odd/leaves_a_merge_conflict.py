# %% [markdown] exercise="ex04_batch_norm" earns=30 status="needs_review" says="begins a conflict that git left open"
# A merge left git's marks inside an answer: a person decides which of the two sides was meant.

# %% tags=["tamper"]
def tamper(notebook):
    cell = next(cell for cell in notebook.cells if cell.id == "custom_batch_norm-answer")
    body = cell.source.split("\n")
    cell.source = "\n".join([*body[:-1], "<<<<<<< HEAD", body[-1], "=======", "        return x", ">>>>>>> feature"])
