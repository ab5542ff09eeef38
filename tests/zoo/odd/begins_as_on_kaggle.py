# %% [markdown] exercise="ex07_mixup" earns=100 status="graded"
# Kaggle puts a cell of its own on top, which looks for data that is not there; a second one fails.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell

TOP = """import os
for folder, _, names in os.walk('/kaggle/input'):
    for name in names:
        print(os.path.join(folder, name))"""


def tamper(notebook):
    notebook.cells[:0] = [new_code_cell(TOP), new_code_cell("import pandas\npandas.read_csv('/kaggle/input/train.csv')")]
