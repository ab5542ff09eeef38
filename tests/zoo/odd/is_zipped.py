# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded" says="was handed in as homework.zip/homework/"
# The folder of the homework was handed in as a zip, as a Mac makes it.

# %% tags=["files"]
import json
import zipfile


def files(folder, notebook):
    with zipfile.ZipFile(folder / "homework.zip", "w") as archive:
        archive.writestr("homework/notes.txt", "nothing")
        archive.writestr("__MACOSX/homework/._ex04_batch_norm.ipynb", b"\0\5\26\7")
        archive.writestr("homework/ex04_batch_norm.ipynb", json.dumps(notebook))
