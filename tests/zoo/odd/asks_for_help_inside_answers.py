# %% [markdown] exercise="ex05_normalization" earns=100 status="graded"
# Answers with lines that only IPython understands: a question, and a magic inside a function's cell.

# %% tags=["tamper"]
def tamper(notebook):
    for cell in notebook.cells:
        if cell.id.endswith("-answer"):
            cell.metadata, cell.id = {}, cell.id[:12]
            cell.source = "torch.Tensor.mean?\n" + cell.source + "\nspent = %time 1 + 1"
