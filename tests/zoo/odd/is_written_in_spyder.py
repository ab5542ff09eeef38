# %% [markdown] exercise="ex06_dropout" earns=100 status="graded" says="ex06_dropout.py is a Python file"
# Only the code, in a script with Spyder's marks of cells.

# %% tags=["files"]
def files(folder, notebook):
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code" and not cell.metadata.get("tags")]
    (folder / "ex06_dropout.py").write_text("\n\n".join(f"#%%\n{text}" for text in code))
