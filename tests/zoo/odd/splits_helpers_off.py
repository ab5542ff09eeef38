# %% [markdown] exercise="ex10_comparison" earns=100 status="graded" says="is split into 2 cells"
# The answer stands in two cells with one label: a helper, and the function that calls it.

# %% tags=["tamper"]
import copy


def tamper(notebook):
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "holm-answer")
    own, helper = notebook.cells[place], copy.deepcopy(notebook.cells[place])
    helper.source, helper.id = "def checked(function):\n    return function", "helper"
    own.source = "@checked\n" + own.source
    notebook.cells.insert(place, helper)
