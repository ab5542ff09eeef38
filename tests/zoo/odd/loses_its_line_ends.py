# %% [markdown] exercise="ex06_dropout" earns=100 status="graded" says="had lost their ends"
# A script of the student's own wrote the source of cells as lines without their ends.

# %% tags=["tamper"]
def tamper(notebook):
    for cell in notebook.cells:
        cell.source = cell.source.split("\n")
