# %% [markdown] exercise="ex03_he" earns=100 status="graded" says="without a label, and recognized by the text"
# A tool dropped all metadata and gave each cell another id.

# %% tags=["tamper"]
def tamper(notebook):
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {}, f"n{number}"
