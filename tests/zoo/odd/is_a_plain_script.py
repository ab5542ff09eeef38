# %% [markdown] exercise="ex05_normalization" earns=100 status="graded" says="ex05_normalization.py is a Python file"
# Databricks' export: one script, with its own marks between the cells.

# %% tags=["files"]
def files(folder, notebook):
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code" and not cell.metadata.get("tags")]
    text = "# Databricks notebook source\n" + "\n\n# COMMAND ----------\n\n".join(code)
    (folder / "ex05_normalization.py").write_text(text)
