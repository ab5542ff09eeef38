# %% [markdown] exercise="ex07_mixup" earns=100 status="graded"
# All ten notebooks were handed in in one folder; the others have nothing to do with this exercise.

# %% tags=["files"]
import json
import shutil

from autograder import course


def files(folder, notebook):
    for path in (course.ROOT / "release").glob("*/*.ipynb"):
        shutil.copy(path, folder)
    (folder / "ex07_mixup.ipynb").write_text(json.dumps(notebook))
