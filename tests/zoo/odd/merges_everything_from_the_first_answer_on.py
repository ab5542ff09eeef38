# %% [markdown] exercise="ex02_xavier" earns=100 status="graded" says="answered in the cell 'fan_in_and_fan_out-answer'"
# All answers and the checks between them were merged into the first answer's cell.

# %% tags=["tamper"]
def tamper(notebook):
    ids = [cell.id for cell in notebook.cells]
    first, last = ids.index("fan_in_and_fan_out-answer"), ids.index("activation_spread")
    merged = [cell for cell in notebook.cells[first : last + 1] if cell.cell_type == "code" and not cell.metadata.get("tags")]
    merged[0].source = "\n\n".join(cell.source for cell in merged)
    del notebook.cells[first + 1 : last + 1]
