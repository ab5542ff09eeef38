# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded" says="ex04_batch_norm.ipynb has no answers"
# The notebook as it was released lies beside the copy that has the answers.

# %% tags=["files"]
import json
import shutil

from autograder import course


def files(folder, notebook):
    shutil.copy(course.ROOT / "release" / "ex04_batch_norm" / "ex04_batch_norm.ipynb", folder)
    (folder / "ex04_batch_norm-Copy1.ipynb").write_text(json.dumps(notebook))
