# %% [markdown] exercise="ex06_dropout" earns=100 status="graded" says="is there 2 times"
# All cells were copied and pasted below themselves, labels and all.

# %% tags=["tamper"]
import copy


def tamper(notebook):
    notebook.cells += copy.deepcopy(notebook.cells)
