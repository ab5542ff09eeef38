# %% [markdown] exercise="ex01_gradient_flow" earns=100 status="graded"
# Each answer's cell begins with %%time, and no cell has a label.

# %% tags=["tamper"]
def tamper(notebook):
    for number, cell in enumerate(notebook.cells):
        if cell.id.endswith("-answer"):
            cell.source = "%%time\n" + cell.source
        cell.metadata, cell.id = {}, f"n{number}"
