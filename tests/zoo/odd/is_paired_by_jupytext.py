# %% [markdown] exercise="ex07_mixup" earns=100 status="graded" says="ex07_mixup.py is a Python file"
# The script that jupytext keeps beside a notebook, with its metadata; the notebook itself was not handed in.

# %% tags=["files"]
import jupytext
from nbformat import from_dict


def files(folder, notebook):
    (folder / "ex07_mixup.py").write_text(jupytext.writes(from_dict(notebook), fmt="py:percent"))
