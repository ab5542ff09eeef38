# %% [markdown] exercise="ex08_early_stopping" earns=100 status="graded" says="as ex08_early_stopping.ipynb.zip/"
# Windows made a zip of the notebook itself ("Compressed folder").

# %% tags=["files"]
import json
import zipfile


def files(folder, notebook):
    with zipfile.ZipFile(folder / "ex08_early_stopping.ipynb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ex08_early_stopping.ipynb", json.dumps(notebook))
