# %% [markdown] exercise="ex01_gradient_flow" earns=100 status="graded" says="changed checks, which decide no points"
# Remarks, prints and imports were added to checks.

# %% tags=["tamper"]
def tamper(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source += "\n\nimport math  # why does this pass?\nprint('passed')"
