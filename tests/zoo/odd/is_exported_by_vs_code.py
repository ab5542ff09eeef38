# %% [markdown] exercise="ex02_xavier" earns=100 status="graded" says="ex02_xavier.py is a Python file"
# VS Code's export to a script: `# %%` above each cell, `# %% [markdown]` above text, no labels.

# %% tags=["files"]
def files(folder, notebook):
    text = "# To add a new cell, type '# %%'\n"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            text += f"# %%\n{cell.source}\n\n"
        else:
            text += "# %% [markdown]\n" + "".join(f"# {line}\n" for line in cell.source.split("\n")) + "\n"
    (folder / "ex02_xavier.py").write_text(text)
