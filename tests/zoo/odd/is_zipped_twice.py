# %% [markdown] exercise="ex03_he" earns=100 status="graded" says="was handed in as all.zip/mine.zip/ex03_he.ipynb"
# A zip in a zip, as a learning platform makes it of what was uploaded as a zip.

# %% tags=["files"]
import io
import json
import zipfile


def files(folder, notebook):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("ex03_he.ipynb", json.dumps(notebook))
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("mine.zip", inner.getvalue())
