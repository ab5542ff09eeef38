# %% [markdown] exercise="ex07_mixup" earns=100 status="graded" says="done/ex07_mixup.ipynb was judged"
# The answers are in a folder further down; the notebook in its place is untouched.

# %% tags=["files"]
import json
import shutil

from autograder import course


def files(folder, notebook):
    shutil.copy(course.ROOT / "release" / "ex07_mixup" / "ex07_mixup.ipynb", folder)
    (folder / "done").mkdir()
    (folder / "done" / "ex07_mixup.ipynb").write_text(json.dumps(notebook))
