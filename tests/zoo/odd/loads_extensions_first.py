# %% [markdown] exercise="ex08_early_stopping" earns=100 status="graded"
# The notebook begins with the lines of many a tutorial: autoreload, config, environment, a shell command.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell

TOP = """%load_ext autoreload
%autoreload 2
%config InlineBackend.figure_format = 'retina'
%env OMP_NUM_THREADS=1
%matplotlib inline"""


def tamper(notebook):
    notebook.cells.insert(0, new_code_cell(TOP))
