# %% [markdown] exercise="ex06_dropout" earns=100 status="graded" says="ex06_dropout (1).ipynb was judged"
# The answers are in a file that was downloaded a second time; the first download is untouched.

# %% tags=["files"]
import json
import shutil

from autograder import course


def files(folder, notebook):
    shutil.copy(course.ROOT / "release" / "ex06_dropout" / "ex06_dropout.ipynb", folder)
    (folder / "ex06_dropout (1).ipynb").write_text(json.dumps(notebook))
